import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { enterOwnNetwork, runIn } from "../../../test/kit/own-network.ts";
import { hasCode } from "../../base/errors.ts";
import { formatAddress, formatSubnet, parseAddress } from "../../base/ipv4.ts";
import { createNetworkNamespace, removeNetworkNamespace } from "../namespaces.ts";
import {
  addAddress,
  addDefaultRoute,
  createBridge,
  createVethPair,
  deleteBridge,
  findLink,
  listAddresses,
  listLinks,
  listRoutes,
  NETLINK,
  NetlinkSocket,
  setLinkUp,
} from "./index.ts";

before(enterOwnNetwork);

const address = (text: string): number => parseAddress(text) ?? assert.fail(text);

test("a bridge is made, found, listed and deleted", async () => {
  using socket = new NetlinkSocket(NETLINK.ROUTE);
  assert.equal(findLink(socket, "br-test"), undefined);
  createBridge(socket, { name: "br-test", mac: "02:11:22:33:44:55", mtu: 1400 });
  const bridge = findLink(socket, "br-test") ?? assert.fail();
  assert.deepEqual(
    { ...bridge, index: 0 },
    { index: 0, name: "br-test", mac: "02:11:22:33:44:55", isUp: true, master: 0 },
  );
  assert.match(await runIn(undefined, "ip", "-d", "link", "show", "br-test"), /mtu 1400[\s\S]*\bbridge\b/);

  addAddress(socket, { link: bridge.index, address: address("198.51.100.1"), prefixLength: 25 });
  const [added] = listAddresses(socket).filter(({ link }) => link === bridge.index);
  assert.equal(formatAddress(added?.address ?? 0), "198.51.100.1");
  assert.equal(formatSubnet(added?.subnet ?? assert.fail()), "198.51.100.0/25");
  assert.ok(listRoutes(socket).some((route) => formatSubnet(route.destination) === "198.51.100.0/25"));

  assert.throws(
    () => createBridge(socket, { name: "br-test", mac: "02:11:22:33:44:55", mtu: 1400 }),
    (error) => hasCode(error, "EEXIST") && error.message.includes("br-test"),
  );
  deleteBridge(socket, bridge.index);
  assert.throws(
    () => deleteBridge(socket, bridge.index),
    (error) => hasCode(error, "ENODEV"),
  );
  assert.deepEqual(
    listLinks(socket).map(({ name }) => name),
    ["lo"],
  );
});

test("a veth pair connects another namespace and goes with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "netlink-"));
  const path = join(folder, "ns");
  using socket = new NetlinkSocket(NETLINK.ROUTE);
  createBridge(socket, { name: "br-veth", mac: "02:11:22:33:44:66", mtu: 1500 });
  const bridge = findLink(socket, "br-veth") ?? assert.fail();
  addAddress(socket, { link: bridge.index, address: address("198.51.100.1"), prefixLength: 24 });
  const inside = createNetworkNamespace(path, () => new NetlinkSocket(NETLINK.ROUTE));
  try {
    const namespaceFd = openSync(path, "r");
    const peer = { name: "eth0", mac: "02:00:00:00:00:07", namespaceFd };
    createVethPair(socket, { name: "ve-test", master: bridge.index, mtu: 1500, peer });
    closeSync(namespaceFd);
    assert.equal(findLink(socket, "ve-test")?.master, bridge.index);
    const link = findLink(inside, "eth0") ?? assert.fail();
    assert.deepEqual(
      { ...link, index: 0 },
      { index: 0, name: "eth0", mac: "02:00:00:00:00:07", isUp: false, master: 0 },
    );
    assert.throws(
      () => addDefaultRoute(inside, address("198.51.100.1")),
      (error) => hasCode(error, "ENETUNREACH"),
    );
    addAddress(inside, { link: link.index, address: address("198.51.100.2"), prefixLength: 24 });
    setLinkUp(inside, link.index);
    addDefaultRoute(inside, address("198.51.100.1"));
    assert.match(await runIn(path, "ip", "route"), /default via 198\.51\.100\.1 dev eth0/);
    assert.match(await runIn(undefined, "busybox", "ping", "-c1", "-W2", "198.51.100.2"), /1 packets received/);
  } finally {
    inside.close();
    removeNetworkNamespace(path);
    rmSync(folder, { recursive: true });
  }
  for (let tries = 0; findLink(socket, "ve-test") !== undefined; tries += 1) {
    assert.ok(tries < 300, "the pair is still there");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  deleteBridge(socket, bridge.index);
});
