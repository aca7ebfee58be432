import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { type NetworkEngine, openNetworkEngine } from "../../../test/kit/network-engine.ts";
import { enterOwnNetwork, runIn, serveIn } from "../../../test/kit/own-network.ts";
import { isKind, messageOf } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { bind, socket as systemSocket } from "../../host/libc.ts";
import { createNetworkNamespace, inNetworkNamespace, removeNetworkNamespace } from "../../host/namespaces.ts";
import type { Sandbox, SandboxSpec } from "./index.ts";

/** 198.51.100.1 is this host's, 198.51.100.2 somebody else's on the same wire. */
let outside: string;
let world: string;
let root: string;
let engine: NetworkEngine;

function spec(more: Partial<SandboxSpec> = {}): SandboxSpec {
  return { id: newId(), networks: { bridge: {} }, ports: {}, exposed: [], publishAll: false, ...more };
}

const addressOf = (sandbox: Sandbox): string => sandbox.endpoints.bridge?.IPAddress ?? assert.fail();
const get = (from: string | undefined, url: string): Promise<string> =>
  runIn(from, "timeout", "1", "busybox", "wget", "-q", "-O", "-", url);
const links = async (): Promise<string> => runIn(undefined, "ip", "-o", "link");

interface UdpSocket extends AsyncDisposable {
  readonly socket: Socket;
}

/** A UDP socket in a namespace, or in this one. */
function udpSocketIn(path: string | undefined, port: number): UdpSocket {
  const open = (): number => {
    const fd = systemSocket(2, 2, 0);
    bind(fd, Buffer.from(new Uint8Array([2, 0, port >> 8, port & 255, ...new Uint8Array(12)])));
    return fd;
  };
  const socket = createSocket("udp4").bind({ fd: path === undefined ? open() : inNetworkNamespace(path, open) });
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 3000;
  while (!(await check())) {
    assert.ok(Date.now() < end, "it does not come true");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A web server that says who it is. */
async function webServer(sandbox: Sandbox, says: string): Promise<AsyncDisposable> {
  const folder = join(root, `www-${says}`);
  await runIn(undefined, "mkdir", "-p", folder);
  writeFileSync(join(folder, "index.html"), says);
  const server = serveIn(sandbox.namespacePath, "busybox", "httpd", "-f", "-p", "80", "-h", folder);
  await eventually(() =>
    get(sandbox.namespacePath, "http://127.0.0.1/").then(
      () => true,
      () => false,
    ),
  );
  return server;
}

before(async () => {
  enterOwnNetwork();
  world = mkdtempSync(join(tmpdir(), "world-"));
  outside = join(world, "outside");
  createNetworkNamespace(outside, () => {});
  await runIn(undefined, "ip", "link", "add", "wire", "type", "veth", "peer", "name", "far", "netns", outside);
  await runIn(undefined, "ip", "addr", "add", "198.51.100.1/24", "dev", "wire");
  await runIn(undefined, "ip", "link", "set", "wire", "up");
  await runIn(outside, "ip", "addr", "add", "198.51.100.2/24", "dev", "far");
  await runIn(outside, "ip", "link", "set", "far", "up");
  await runIn(outside, "ip", "link", "set", "lo", "up");
});

after(() => {
  removeNetworkNamespace(outside);
  rmSync(world, { recursive: true });
});

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "sandboxes-"));
  engine = await openNetworkEngine(root);
});

afterEach(async () => {
  await engine.sandboxes.reconcile(new Set());
  await engine[Symbol.asyncDispose]();
  await eventually(async () => !(await links()).includes(engine.tag));
  assert.equal(await runIn(undefined, "nft", "list", "ruleset"), "");
  assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(root));
  assert.deepEqual(readdirSync(join(root, "exec", "sandboxes")), []);
  rmSync(root, { recursive: true });
});

test("a sandbox on the bridge reaches the outside with the host's address", async () => {
  const sandbox = await engine.sandboxes.create(spec());
  assert.match(sandbox.endpoints.bridge?.MacAddress ?? "", /^.[26ae](:..){5}$/);
  assert.equal(addressOf(sandbox), "172.17.0.2");
  const folder = join(root, "www-outside");
  await runIn(undefined, "mkdir", folder);
  writeFileSync(join(folder, "index.html"), "outside");
  await using _server = serveIn(outside, "busybox", "httpd", "-f", "-p", "80", "-h", folder);
  // The outside has no way back to the sandbox's own address.
  await eventually(() =>
    get(sandbox.namespacePath, "http://198.51.100.2/").then(
      (page) => page === "outside",
      () => false,
    ),
  );
});

test("a published port is reached from here, from outside, from other sandboxes and from itself", async () => {
  const sandbox = await engine.sandboxes.create(
    spec({ ports: { "80/tcp": [{ HostPort: "8080" }] }, exposed: ["80/tcp", "443/tcp"] }),
  );
  assert.deepEqual(sandbox.ports, { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }], "443/tcp": null });
  const other = await engine.sandboxes.create(spec());
  await using _server = await webServer(sandbox, "published");
  for (const from of [undefined, outside, other.namespacePath, sandbox.namespacePath]) {
    assert.equal(await get(from, "http://198.51.100.1:8080/"), "published");
  }
  assert.equal(await get(undefined, "http://127.0.0.1:8080/"), "published");
  assert.equal(await get(undefined, "http://127.0.0.2:8080/"), "published");
  assert.equal(await get(other.namespacePath, `http://${addressOf(sandbox)}/`), "published");
  assert.equal(await get(undefined, `http://${addressOf(sandbox)}/`), "published");

  await runIn(outside, "ip", "route", "add", "172.17.0.0/16", "via", "198.51.100.1");
  await assert.rejects(get(outside, `http://${addressOf(sandbox)}/`), "only published ports are reached from outside");
  await runIn(outside, "ip", "route", "del", "172.17.0.0/16");

  await engine.sandboxes.remove(sandbox.id);
  await assert.rejects(get(undefined, "http://127.0.0.1:8080/"));
  await assert.rejects(get(outside, "http://198.51.100.1:8080/"));
});

test("a port published on a loopback address is reached from this host only", async () => {
  const sandbox = await engine.sandboxes.create(
    spec({ ports: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8081" }] } }),
  );
  const other = await engine.sandboxes.create(spec());
  await using _server = await webServer(sandbox, "local");
  assert.equal(await get(undefined, "http://127.0.0.1:8081/"), "local");
  await assert.rejects(get(outside, "http://198.51.100.1:8081/"));
  // A neighbour may send a packet for 127.0.0.1 over the wire: neither this port nor what else listens there is reached.
  await using service = createHttpServer((_request, response) => response.end("private")).listen(8099, "127.0.0.1");
  await once(service, "listening");
  for (const [from, way, gateway] of [
    [outside, "far", "198.51.100.1"],
    [other.namespacePath, "eth0", "172.17.0.1"],
  ] as const) {
    inNetworkNamespace(from, () => writeFileSync("/proc/sys/net/ipv4/conf/all/route_localnet", "1"));
    await runIn(from, "ip", "addr", "del", "127.0.0.1/8", "dev", "lo");
    await runIn(from, "ip", "route", "add", "127.0.0.1", "via", gateway, "dev", way);
    await Promise.all([
      assert.rejects(get(from, "http://127.0.0.1:8081/")),
      assert.rejects(get(from, "http://127.0.0.1:8099/")),
    ]);
  }
  await runIn(outside, "ip", "route", "del", "127.0.0.1");
  await runIn(outside, "ip", "addr", "add", "127.0.0.1/8", "dev", "lo");
});

test("a port published on one address of the host is not published on others", async () => {
  const sandbox = await engine.sandboxes.create(
    spec({ ports: { "80/tcp": [{ HostIp: "198.51.100.1", HostPort: "8082" }] } }),
  );
  await using _server = await webServer(sandbox, "one");
  assert.equal(await get(outside, "http://198.51.100.1:8082/"), "one");
  assert.equal(await get(undefined, "http://198.51.100.1:8082/"), "one");
  await assert.rejects(get(undefined, "http://127.0.0.1:8082/"));
});

test("UDP ports are published too, also for a client that was there before", async () => {
  await using client = udpSocketIn(outside, 4000);
  await using neighbour = udpSocketIn(undefined, 4001);
  const answers: string[] = [];
  for (const { socket } of [client, neighbour]) socket.on("message", (message) => answers.push(message.toString()));
  const ask = async ({ socket }: UdpSocket, address: string): Promise<boolean> => {
    socket.send("question", 5353, address);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return answers.pop() === "question of 172.17.0.3";
  };
  const other = await engine.sandboxes.create(spec());
  assert.equal(await ask(client, "198.51.100.1"), false);
  const sandbox = await engine.sandboxes.create(spec({ ports: { "53/udp": [{ HostPort: "5353" }] } }));
  assert.notEqual(addressOf(other), addressOf(sandbox));
  await using server = udpSocketIn(sandbox.namespacePath, 53);
  server.socket.on("message", (message, { port, address }) =>
    server.socket.send(`${message} of ${addressOf(sandbox)}`, port, address),
  );
  await eventually(() => ask(client, "198.51.100.1"));
  await eventually(() => ask(neighbour, "127.0.0.1"));
});

test("an address given out again at once is reached at once", async () => {
  for (const says of ["first", "second", "third"]) {
    const sandbox = await engine.sandboxes.create(spec());
    assert.equal(addressOf(sandbox), "172.17.0.2");
    const server = await webServer(sandbox, says);
    assert.equal(await get(undefined, "http://172.17.0.2/"), says);
    await server[Symbol.asyncDispose]();
    await engine.sandboxes.remove(sandbox.id);
  }
});

test("ports that are taken are refused with Docker's texts, and nothing is left", async () => {
  const first = await engine.sandboxes.create(spec({ ports: { "80/tcp": [{ HostPort: "8080" }] } }));
  await using listener = createServer().listen(8090);
  await once(listener, "listening");
  const refused = async (hostPort: string, address = ""): Promise<string> => {
    const ports = { "81/tcp": [{ HostPort: "8085" }], "80/tcp": [{ HostIp: address, HostPort: hostPort }] };
    const wanted = spec({ ports });
    const error: unknown = await engine.sandboxes.create(wanted).then(
      () => assert.fail("it was made"),
      (reason) => reason,
    );
    assert.ok(isKind(error, "internal"));
    assert.equal(engine.sandboxes.get(wanted.id), undefined);
    const begin = `failed to set up container networking: driver failed programming external connectivity on endpoint name-of-${wanted.id.slice(0, 4)} (`;
    assert.ok(error.message.startsWith(begin), error.message);
    return error.message.slice(begin.length + 64 + "): ".length);
  };
  assert.equal(await refused("8080"), "Bind for 0.0.0.0:8080 failed: port is already allocated");
  assert.equal(await refused("8080", "127.0.0.1"), "Bind for 0.0.0.0:8080 failed: port is already allocated");
  assert.equal(
    await refused("8090"),
    "failed to bind host port for 0.0.0.0:8090:172.17.0.3:80/tcp: address already in use",
  );
  assert.equal(
    await refused("8091", "1.2.3.4"),
    "failed to bind host port for 1.2.3.4:8091:172.17.0.3:80/tcp: cannot assign requested address",
  );
  const next = await engine.sandboxes.create(spec({ ports: { "80/tcp": [{ HostPort: "8080-8085" }] } }));
  assert.equal(addressOf(next), "172.17.0.3");
  assert.deepEqual(next.ports["80/tcp"], [{ HostIp: "0.0.0.0", HostPort: "8081" }]);
  assert.deepEqual(Object.keys(engine.networks.inspect("bridge").Containers).sort(), [first.id, next.id].sort());
});

test("networks none and host, unknown ones, and settings of the kernel", async () => {
  const none = await engine.sandboxes.create(
    spec({ networks: { none: {} }, ports: { "80/tcp": [{ HostPort: "8080" }] } }),
  );
  assert.match(await runIn(none.namespacePath, "ip", "-o", "link"), /^1: lo: <LOOPBACK,UP[^\n]*\n$/);
  assert.equal(none.endpoints.none?.IPAddress, "");
  assert.deepEqual(none.ports, {});
  const host = await engine.sandboxes.create(spec({ networks: { host: {} } }));
  assert.equal(host.namespacePath, "/proc/self/ns/net");
  assert.match(host.endpoints.host?.EndpointID ?? "", /^[0-9a-f]{64}$/);

  const tuned = await engine.sandboxes.create(
    spec({ sysctls: { "net.ipv4.ip_forward": "0", "net.ipv4.conf.eth0.forwarding": "1" } }),
  );
  const read = (name: string): string =>
    inNetworkNamespace(tuned.namespacePath, () => readFileSync(`/proc/sys/net/${name}`, "utf8").trim());
  assert.equal(read("ipv4/ip_unprivileged_port_start"), "0");
  assert.equal(read("ipv4/ping_group_range"), "0\t2147483647");
  assert.equal(read("ipv4/conf/eth0/forwarding"), "1");
  assert.equal(read("ipv6/conf/eth0/disable_ipv6"), "1");

  const failures = [
    [
      spec({ networks: { nosuch: {} } }),
      "not-found",
      /^failed to set up container networking: network nosuch not found$/,
    ],
    [
      spec({ sysctls: { "net.ipv4.nope": "0" } }),
      "internal",
      /: open \/proc\/sys\/net\/ipv4\/nope: no such file or directory$/,
    ],
    [
      spec({ sysctls: { "net.ipv4.ip_forward": "x" } }),
      "internal",
      /: write \/proc\/sys\/net\/ipv4\/ip_forward: invalid argument$/,
    ],
    [
      spec({ networks: { bridge: { IPAMConfig: { IPv4Address: "172.17.0.9" } } } }),
      "invalid",
      /user specified IP address/,
    ],
    [spec({ ports: { "80/tcp": [{ HostPort: "99999" }] } }), "invalid", /^invalid port specification: "99999"$/],
  ] as const;
  for (const [wanted, kind, text] of failures) {
    const error: unknown = await engine.sandboxes.create(wanted).then(
      () => assert.fail("it was made"),
      (reason) => reason,
    );
    assert.ok(isKind(error, kind), messageOf(error));
    assert.match(error.message, text);
  }
  assert.equal(readdirSync(join(root, "exec", "netns")).length, 2);
});

test("eight at a time do not meet", async () => {
  const wanted = Array.from({ length: 24 }, () => spec({ ports: { "80/tcp": [{ HostPort: "" }] } }));
  const made = await Promise.all(wanted.map((each) => engine.sandboxes.create(each)));
  assert.equal(new Set(made.map(addressOf)).size, 24);
  assert.equal(new Set(made.map(({ ports }) => ports["80/tcp"]?.[0]?.HostPort)).size, 24);
  await Promise.all(made.map(({ id }) => engine.sandboxes.remove(id)));
  await Promise.all(made.map(({ id }) => engine.sandboxes.remove(id)));
});

test("after a kill the next daemon keeps what lives and removes the rest", async () => {
  const port = (hostPort: string): SandboxSpec => spec({ ports: { "80/tcp": [{ HostPort: hostPort }] } });
  const live = await engine.sandboxes.create(port("8080"));
  const dead = await engine.sandboxes.create(port("8081"));
  await using _server = await webServer(live, "survivor");
  const halfMade = join(root, "exec", "netns", newId());
  createNetworkNamespace(halfMade, () => {});
  const id = engine.networks.inspect("bridge").Id;

  // What a killed daemon holds, its sockets, is gone with it; its disposal does the same and leaves the rest.
  await engine[Symbol.asyncDispose]();
  assert.equal(await get(undefined, "http://127.0.0.1:8080/"), "survivor");
  await runIn(undefined, "nft", "flush", "ruleset");
  engine = await openNetworkEngine(root);
  await engine.sandboxes.reconcile(new Set([live.id]));

  assert.deepEqual(engine.sandboxes.get(live.id), live);
  assert.equal(engine.sandboxes.get(dead.id), undefined);
  assert.deepEqual(readdirSync(join(root, "exec", "netns")), [live.id]);
  assert.equal(await get(outside, "http://198.51.100.1:8080/"), "survivor");
  assert.equal(engine.networks.inspect("bridge").Id, id);
  await assert.rejects(engine.sandboxes.create(port("8080")), /port is already allocated/);
  const next = await engine.sandboxes.create(port("8081"));
  assert.equal(addressOf(next), "172.17.0.3");
});
