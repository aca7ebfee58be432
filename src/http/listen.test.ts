import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listen, parseListenAddress } from "./listen.ts";

async function withFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "escale-listen-"));
  try {
    await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("addresses are read as Docker writes them", () => {
  assert.deepEqual(parseListenAddress("unix:///run/a.sock"), { kind: "unix", path: "/run/a.sock" });
  assert.deepEqual(parseListenAddress("tcp://127.0.0.1:0"), { kind: "tcp", host: "127.0.0.1", port: 0 });
  assert.deepEqual(parseListenAddress("tcp://[::1]:4243"), { kind: "tcp", host: "::1", port: 4243 });
  assert.deepEqual(parseListenAddress("tcp://:4243"), { kind: "tcp", host: "0.0.0.0", port: 4243 });
  for (const wrong of ["unix://a", "tcp://a", "tcp://a:99999", "http://a:1", "/a"]) {
    assert.throws(() => parseListenAddress(wrong), { kind: "invalid" }, wrong);
  }
});

test("a unix socket is private to owner and group", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "s");
    const server = createServer();
    assert.equal(await listen(server, { kind: "unix", path }), `unix://${path}`);
    assert.equal((await stat(path)).mode & 0o777, 0o660);
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(access(path), { code: "ENOENT" });
  });
});

test("a stale socket is replaced, a live one and a plain file are not", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "s");
    const stale = join(folder, "stale");
    const live = createServer();
    await listen(live, { kind: "unix", path });
    await assert.rejects(listen(createServer(), { kind: "unix", path }), { kind: "conflict", message: /in use/ });
    connect(path).destroy();

    const script = `require("net").createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, "SIGKILL"))`;
    await new Promise((resolve) => spawn(process.execPath, ["-e", script]).once("close", resolve));
    await access(stale);
    const heir = createServer();
    await listen(heir, { kind: "unix", path: stale });

    const plain = join(folder, "plain");
    await writeFile(plain, "kept");
    await assert.rejects(listen(createServer(), { kind: "unix", path: plain }), { kind: "conflict" });
    await access(plain);
    for (const server of [live, heir]) await new Promise((resolve) => server.close(resolve));
  });
});

test("a port of TCP that is taken is a conflict", async () => {
  const first = createServer();
  const address = await listen(first, { kind: "tcp", host: "127.0.0.1", port: 0 });
  const port = Number(address.split(":").at(-1));
  assert.ok(port > 0);
  await assert.rejects(listen(createServer(), { kind: "tcp", host: "127.0.0.1", port }), { kind: "conflict" });
  await new Promise((resolve) => first.close(resolve));
});
