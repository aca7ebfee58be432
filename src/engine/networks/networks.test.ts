import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, beforeEach, test } from "node:test";
import { enterOwnNetwork, runIn } from "../../../test/kit/own-network.ts";
import { isKind, messageOf } from "../../base/errors.ts";
import { openLogger } from "../../base/logger.ts";
import { type Firewall, openFirewall } from "../../host/firewall/index.ts";
import { instanceOf } from "../../host/instance.ts";
import { type NetworkAttachments, type NetworkOptions, type Networks, networkFile, openNetworks } from "./index.ts";

let root: string;
let firewall: Firewall;

before(enterOwnNetwork);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "networks-"));
  firewall = openFirewall(instanceOf(root, root).tag);
});

afterEach(async () => {
  firewall.removeAll();
  firewall[Symbol.dispose]();
  assert.match(await runIn(undefined, "ip", "-o", "link"), /^1: lo: [^\n]*\n$/);
  rmSync(root, { recursive: true });
});

function open(options?: NetworkOptions): Promise<Networks & NetworkAttachments> {
  const log = openLogger("error", (line) => process.stderr.write(line));
  const storage = networkFile(join(root, "networks", "built-in.json"));
  return openNetworks(
    { instance: instanceOf(root, root), firewall, storage, nameOf: (id) => `name of ${id}`, log },
    options,
  );
}

const subnetOf = (networks: Networks): string | undefined => networks.inspect("bridge").IPAM.Config?.[0]?.Subnet;

test("the built-in networks keep their identity and are shown as Docker shows them", async () => {
  const first = await open();
  const bridge = first.inspect("bridge");
  const tag = instanceOf(root, root).tag;
  assert.deepEqual(bridge.IPAM, {
    Driver: "default",
    Options: null,
    Config: [{ Subnet: "172.17.0.0/16", Gateway: "172.17.0.1" }],
  });
  assert.equal(bridge.Options?.["com.docker.network.bridge.name"], `${tag}0`);
  const rest = first
    .list()
    .map(({ Name, Driver, IPAM, Options }) => [Name, Driver, IPAM.Config === null, Object.keys(Options ?? {})]);
  assert.deepEqual(rest.slice(1), [
    ["host", "host", true, []],
    ["none", "null", true, []],
  ]);
  await first[Symbol.asyncDispose]();
  await using second = await open();
  assert.deepEqual(second.inspect(bridge.Id.slice(0, 12)), bridge);
  for (const unknown of ["nosuch", ""]) {
    assert.throws(
      () => second.inspect(unknown),
      (error) => isKind(error, "not-found") && error.message === `network ${unknown} not found`,
    );
  }
});

test("endpoints take the lowest free address and are listed while they are there", async () => {
  await using networks = await open();
  const one = networks.join("bridge", "one", {});
  const two = networks.join("bridge", "two", { MacAddress: "02:00:00:00:00:99", Aliases: ["x"] });
  assert.deepEqual(
    [one, two].map(({ settings }) => settings.IPAddress),
    ["172.17.0.2", "172.17.0.3"],
  );
  assert.deepEqual(networks.inspect("bridge").Containers.two, {
    Name: "name of two",
    EndpointID: two.settings.EndpointID,
    MacAddress: "02:00:00:00:00:99",
    IPv4Address: "172.17.0.3/16",
    IPv6Address: "",
  });
  const none = networks.join("none", "three", {});
  assert.equal(networks.inspect("none").Containers.three?.IPv4Address, "");
  networks.leave(one);
  networks.leave(one);
  assert.equal(networks.join("bridge", "four", {}).settings.IPAddress, "172.17.0.2");
  assert.throws(
    () => networks.join("bridge", "two", {}),
    (error) => isKind(error, "forbidden"),
  );
  assert.throws(() => networks.join("bridge", "five", { MacAddress: "zz" }), /address zz: invalid MAC address/);
  for (const endpoint of [two, none, { ...one, sandboxId: "four" }]) networks.leave(endpoint);
  assert.deepEqual(networks.inspect("bridge").Containers, {});
  assert.throws(
    () => networks.join("bridge", "five", { IPAMConfig: { IPv4Address: "172.17.0.77" } }),
    (error) => isKind(error, "invalid") && /user defined networks only/.test(messageOf(error)),
  );
});

test("subnets in use are passed over, also those that came into use later", async () => {
  await runIn(undefined, "ip", "link", "add", "vpn", "type", "bridge");
  try {
    await runIn(undefined, "ip", "addr", "add", "172.17.3.1/24", "dev", "vpn");
    await runIn(undefined, "ip", "link", "set", "vpn", "up");
    await using networks = await open();
    assert.equal(subnetOf(networks), "172.18.0.0/16");
    await runIn(undefined, "ip", "route", "add", "172.18.128.0/17", "dev", "vpn");
    const endpoint = networks.join("bridge", "one", {});
    assert.equal(endpoint.settings.Gateway, "172.19.0.1");
    assert.equal(subnetOf(networks), "172.19.0.0/16");
    const segment = networks.segmentOf(endpoint) ?? assert.fail();
    assert.match(
      await runIn(undefined, "ip", "addr", "show", segment.bridge),
      /inet 172\.19\.0\.1\/16 brd 172\.19\.255\.255/,
    );
    networks.leave(endpoint);
  } finally {
    await runIn(undefined, "ip", "link", "del", "vpn");
  }
});

test("the operator chooses the subnet or the pools", async () => {
  const fixed = await open({ bip: "10.9.0.5/24" });
  assert.deepEqual(fixed.inspect("bridge").IPAM.Config, [{ Subnet: "10.9.0.0/24", Gateway: "10.9.0.5" }]);
  const taken = Array.from({ length: 253 }, (_, index) => fixed.join("bridge", `s${index}`, {}));
  assert.equal(taken[3]?.settings.IPAddress, "10.9.0.4");
  assert.equal(taken[4]?.settings.IPAddress, "10.9.0.6");
  assert.throws(() => fixed.join("bridge", "one too many", {}), /no available IPv4 addresses/);
  for (const endpoint of taken) fixed.leave(endpoint);
  await fixed[Symbol.asyncDispose]();
  rmSync(join(root, "networks"), { recursive: true });

  await using pooled = await open({ "default-address-pools": [{ base: "10.20.0.0/16", size: 24 }] });
  assert.equal(subnetOf(pooled), "10.20.0.0/24");
  for (const options of [{ bip: "10.9.0.0/24" }, { bip: "x" }]) {
    await assert.rejects(open(options), (error) => isKind(error, "invalid"));
  }
});

test("an adopted endpoint keeps its address", async () => {
  const first = await open();
  const endpoint = first.join("bridge", "one", {});
  await using second = await open();
  second.adopt(endpoint);
  assert.equal(second.join("bridge", "two", {}).settings.IPAddress, "172.17.0.3");
  assert.equal(second.bridgesInUse().length, 1);
  first.leave(endpoint);
  await first[Symbol.asyncDispose]();
});
