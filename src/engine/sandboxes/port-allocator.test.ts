import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, before, beforeEach, test } from "node:test";
import { enterOwnNetwork } from "../../../test/kit/own-network.ts";
import { parseAddress } from "../../base/ipv4.ts";
import { openPortAllocator, type PortAllocator } from "./port-allocator.ts";
import type { PortRequest } from "./port-requests.ts";

let allocator: PortAllocator;

before(() => {
  enterOwnNetwork();
  writeFileSync("/proc/sys/net/ipv4/ip_local_port_range", "40000 40003");
});
beforeEach(() => {
  allocator = openPortAllocator();
});
afterEach(() => allocator.close());

function request(first?: number, last = first, hostAddress = 0, protocol: "tcp" | "udp" = "tcp"): PortRequest {
  const range = first === undefined || last === undefined ? undefined : { first, last };
  return { key: `80/${protocol}`, protocol, port: 80, hostAddress, range };
}

const take = (...requests: PortRequest[]): number[] => allocator.take(requests, 0).map(({ hostPort }) => hostPort);
const loopback = parseAddress("127.0.0.1") ?? 0;

test("any free port: the next one, and around", () => {
  assert.deepEqual(take(request(), request(), request()), [40000, 40001, 40002]);
  const [last] = allocator.take([request()], 0);
  assert.equal(last?.hostPort, 40003);
  assert.throws(() => take(request()), /^EscaleError: all ports are allocated$/);
  allocator.free(last === undefined ? [] : [last]);
  assert.deepEqual(take(request()), [40003]);
  assert.deepEqual(take(request(undefined, undefined, 0, "udp")), [40000]);
});

test("ranges give their first free port; what leaves no choice is taken first", async () => {
  await using server = createServer().listen(8001, "127.0.0.1");
  await once(server, "listening");
  assert.deepEqual(take(request(8000, 8002), request(8000)), [8000, 8002]);
  assert.throws(() => take(request(8000, 8002)), /all ports are allocated/);
});

test("the message names the address by which a port is taken", () => {
  take(request(8000, 8000, loopback));
  take(request(8000, 8000, loopback + 1));
  assert.throws(
    () => take(request(8000)),
    /^EscaleError: Bind for 127\.0\.0\.1:8000 failed: port is already allocated$/,
  );
  assert.throws(() => take(request(8000, 8000, loopback)), /Bind for 127\.0\.0\.1:8000 failed/);
});

test("all or none, and free again afterwards", () => {
  take(request(8000));
  assert.throws(() => take(request(8001), request(8000)));
  assert.deepEqual(take(request(8001)), [8001]);
});

test("adopting takes ports back, and tells those that somebody else took", async () => {
  const ports = allocator.take([request(8000), request(8001)], 0);
  allocator.close();
  await using server = createServer().listen(8001, "127.0.0.1");
  await once(server, "listening");
  allocator = openPortAllocator();
  assert.deepEqual(
    allocator.adopt(ports).map(({ hostPort }) => hostPort),
    [8001],
  );
  assert.throws(() => take(request(8001)), /port is already allocated/);
  allocator.free(ports);
  assert.deepEqual(take(request(8000)), [8000]);
});
