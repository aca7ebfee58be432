import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { before, test } from "node:test";
import { enterOwnNetwork } from "../../test/kit/own-network.ts";
import { hasCode } from "../base/errors.ts";
import { parseAddress } from "../base/ipv4.ts";
import { reservePort } from "./port-reservation.ts";

before(enterOwnNetwork);

const anywhere = 0;
const loopback = parseAddress("127.0.0.1") ?? 0;
const isInUse = (error: unknown): boolean => hasCode(error, "EADDRINUSE");

test("a port that is held cannot be taken again, by anybody, until it is released", async () => {
  for (const protocol of ["tcp", "udp"] as const) {
    const held = reservePort(protocol, anywhere, 8000);
    assert.throws(() => reservePort(protocol, anywhere, 8000), isInUse);
    assert.throws(() => reservePort(protocol, loopback, 8000), isInUse);
    held.release();
    reservePort(protocol, loopback, 8000).release();
  }
  const held = reservePort("tcp", anywhere, 8000);
  const server = createServer().listen(8000, "0.0.0.0");
  const [error] = await once(server, "error");
  assert.ok(isInUse(error));
  held.release();
});

test("a port that a program listens on cannot be held", async () => {
  const server = createServer().listen(8001, "127.0.0.1");
  await once(server, "listening");
  assert.throws(() => reservePort("tcp", anywhere, 8001), isInUse);
  reservePort("tcp", parseAddress("127.0.0.2") ?? 0, 8001).release();
  server.close();
});

test("connections that wait after their server's end are not in the way, another holder is", async () => {
  const server = createServer((socket) => socket.end()).listen(8002, "0.0.0.0");
  await once(server, "listening");
  const client = connect(8002, "127.0.0.1");
  client.resume();
  await once(client, "close");
  server.close();
  await once(server, "close");
  const held = reservePort("tcp", anywhere, 8002);
  assert.throws(() => reservePort("tcp", anywhere, 8002), isInUse);
  const late = createServer().listen(8002, "0.0.0.0");
  const [error] = await once(late, "error");
  assert.ok(isInUse(error));
  const [refused] = await once(connect(8002, "127.0.0.1"), "error");
  assert.ok(hasCode(refused, "ECONNREFUSED"));
  held.release();
});

test("an address that the host has not is refused", () => {
  assert.throws(
    () => reservePort("tcp", parseAddress("203.0.113.9") ?? 0, 8003),
    (error) => hasCode(error, "EADDRNOTAVAIL"),
  );
});
