/** Networks of a single container: bridge with published ports, host and none. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { after, test } from "node:test";
import { openEngine } from "../kit/engine.ts";
import { pageOf } from "../kit/http.ts";
import { busyboxFiles, hostProgram } from "../kit/images.ts";
import { freePort } from "../kit/ports.ts";
import { tarOf } from "../kit/tar.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker } = engine;

async function web(text: string, ...options: readonly string[]): Promise<string> {
  const name = engine.name();
  const script = `mkdir -p /www; echo ${text} > /www/index.html; exec httpd -f -p 80 -h /www`;
  await docker.ok("run", "-d", "--name", name, ...options, "bb", "sh", "-c", script);
  return name;
}

test("-p 127.0.0.1:P:80 answers on localhost, and no more after rm", async () => {
  const port = await freePort();
  const name = await web("hello", "-p", `127.0.0.1:${port}:80`);
  assert.equal(await pageOf(`http://127.0.0.1:${port}/`), "hello\n");
  assert.equal(await docker.ok("port", name), `80/tcp -> 127.0.0.1:${port}`);
  assert.equal(
    await docker.ok("ps", "--filter", `name=${name}`, "--format", "{{.Ports}}"),
    `127.0.0.1:${port}->80/tcp`,
  );
  await docker.ok("rm", "-f", name);
  await assert.rejects(pageOf(`http://127.0.0.1:${port}/`, 0));
});

test("-p 80 takes a free port on every address", async () => {
  const name = await web("any", "-p", "80");
  const port = Number(/^0\.0\.0\.0:(\d+)$/m.exec(await docker.ok("port", name, "80/tcp"))?.[1]);
  assert.ok(port > 0);
  assert.equal(await pageOf(`http://127.0.0.1:${port}/`), "any\n");
  const own = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal);
  if (own !== undefined) assert.equal(await pageOf(`http://${own.address}:${port}/`), "any\n");
});

test("the container's own address answers from the host, and containers reach each other", async () => {
  const name = await web("direct");
  const address = await docker.ok("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", name);
  assert.equal(await pageOf(`http://${address}/`), "direct\n");
  assert.equal(await docker.ok("run", "--rm", "bb", "wget", "-qO-", `http://${address}/`), "direct");
});

test("a container reaches a published port by the host's address", async () => {
  const port = await freePort();
  await web("around", "-p", `${port}:80`);
  await pageOf(`http://127.0.0.1:${port}/`);
  const gateway = await docker.ok(
    "run",
    "--rm",
    "bb",
    "sh",
    "-c",
    "ip route | sed -n 's/^default via \\([^ ]*\\).*/\\1/p'",
  );
  assert.equal(await docker.ok("run", "--rm", "bb", "wget", "-qO-", `http://${gateway}:${port}/`), "around");
});

test("UDP is published too, and answers come from the port asked", async () => {
  const image = `udp${process.pid}`;
  const server = `socket(S,2,2,17); bind(S,pack("Sna4x8",2,9000,"\\0"x4)) or die $!; while ($from=recv(S,$data,99,0)) { send(S,"got $data",0,$from) }`;
  const files = [...busyboxFiles(), ...hostProgram("/usr/bin/perl")];
  const imported = await docker.run(["import", "-", image], { input: tarOf(files) });
  assert.equal(imported.code, 0, imported.stderr);
  const port = await freePort();
  await docker.ok(
    "run",
    "-d",
    "--name",
    engine.name(),
    "-p",
    `127.0.0.1:${port}:9000/udp`,
    image,
    "/usr/bin/perl",
    "-e",
    server,
  );
  const socket = createSocket("udp4");
  const timer = setInterval(() => socket.send("ping\n", port, "127.0.0.1"), 200);
  try {
    const signal = AbortSignal.timeout(8000);
    const [data, from] = await once(socket, "message", { signal });
    assert.equal(`${data.toString().trim()} ${from.port}`, `got ping ${port}`);
  } finally {
    clearInterval(timer);
    socket.close();
  }
});

test("a port in use is refused, by a container or by another program, and nothing stays behind", async () => {
  const port = await freePort();
  await web("first", "-p", `127.0.0.1:${port}:80`);
  const second = engine.name();
  const refused = await docker.run(["run", "-d", "--name", second, "-p", `127.0.0.1:${port}:80`, "bb", "true"]);
  assert.equal(refused.code, 125);
  assert.match(refused.stderr, new RegExp(`Bind for 127\\.0\\.0\\.1:${port} failed: port is already allocated`));
  assert.equal(await docker.ok("inspect", "-f", "{{.State.Status}}", second), "created");

  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const taken = (server.address() as { port: number }).port;
  try {
    const third = await docker.run(["run", "-d", "--name", engine.name(), "-p", `127.0.0.1:${taken}:80`, "bb", "true"]);
    assert.equal(third.code, 125);
    assert.match(third.stderr, /address already in use/);
  } finally {
    server.close();
  }
  const after = await web("after", "-p", `127.0.0.1:${taken}:80`);
  assert.equal(await pageOf(`http://127.0.0.1:${taken}/`), "after\n", `${after} can use the port now`);
});

test("published ports survive a restart of the container", async () => {
  const port = await freePort();
  const name = await web("again", "-p", `127.0.0.1:${port}:80`);
  await docker.ok("restart", "-t", "0", name);
  assert.equal(await pageOf(`http://127.0.0.1:${port}/`), "again\n");
  await docker.ok("stop", "-t", "0", name);
  await assert.rejects(pageOf(`http://127.0.0.1:${port}/`, 0));
});

test("--network host shares the host's network, --network none has only loopback", async () => {
  const links = "ls /sys/class/net | tr '\\n' ' '";
  const host = await docker.ok("run", "--rm", "--network", "host", "bb", "sh", "-c", "ip -o link | wc -l");
  assert.equal(Number(host) >= 1, true);
  assert.equal((await docker.ok("run", "--rm", "--network", "none", "bb", "sh", "-c", links)).trim(), "lo");
  assert.match(await docker.ok("run", "--rm", "bb", "sh", "-c", links), /^(eth0 lo|lo eth0) $/);
});

test("an unknown network is refused", async () => {
  const refused = await docker.run(["run", "--name", engine.name(), "--network", "nosuch", "bb", "true"]);
  assert.equal(refused.code, 125);
  assert.match(refused.stderr, /network nosuch not found/);
});

test("resolv.conf, hosts and hostname are there", async () => {
  const name = engine.name();
  await docker.ok(
    "run",
    "-d",
    "--name",
    name,
    "-h",
    "box",
    "--add-host",
    "other:10.1.2.3",
    "--dns",
    "10.9.8.7",
    "bb",
    "sleep",
    "1000",
  );
  const address = await docker.ok("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", name);
  const hosts = await docker.ok("exec", name, "cat", "/etc/hosts");
  assert.match(hosts, /^127\.0\.0\.1\s+localhost$/m);
  assert.match(hosts, /^10\.1\.2\.3\s+other$/m);
  assert.match(hosts, new RegExp(`^${address}\\s+box$`, "m"));
  assert.equal(await docker.ok("exec", name, "cat", "/etc/hostname"), "box");
  assert.match(await docker.ok("exec", name, "cat", "/etc/resolv.conf"), /^nameserver 10\.9\.8\.7$/m);
});
