import assert from "node:assert/strict";
import { test } from "node:test";
import { isKind } from "../../base/errors.ts";
import { parsePortRequests, portMapOf } from "./port-requests.ts";

test("bindings are read in all their forms", () => {
  const read = (HostPort: string | undefined, HostIp?: string): unknown => {
    const binding = { ...(HostPort !== undefined && { HostPort }), ...(HostIp !== undefined && { HostIp }) };
    const [request] = parsePortRequests({ "80/tcp": [binding] }, [], false);
    return [request?.hostAddress, request?.range];
  };
  assert.deepEqual(read("8080"), [0, { first: 8080, last: 8080 }]);
  assert.deepEqual(read("8080-8090", "0.0.0.0"), [0, { first: 8080, last: 8090 }]);
  assert.deepEqual(read("", "127.0.0.1"), [0x7f000001, undefined]);
  assert.deepEqual(read("0"), [0, undefined]);
  assert.deepEqual(read(undefined), [0, undefined]);
  assert.deepEqual(parsePortRequests({ "80/tcp": null, "81/tcp": [] }, [], false), []);
});

test("publishing all adds what is exposed and has no binding", () => {
  const requests = parsePortRequests({ "80/tcp": [{ HostPort: "8080" }] }, ["80/tcp", "443", "53/udp"], true);
  assert.deepEqual(
    requests.map(({ key, range }) => [key, range?.first]),
    [
      ["80/tcp", 8080],
      ["53/udp", undefined],
      ["443/tcp", undefined],
    ],
  );
});

test("what is wrong is refused with Docker's texts", () => {
  for (const hostPort of ["99999", "abc", "10-5", "1-2-3", "-1"]) {
    assert.throws(
      () => parsePortRequests({ "80/tcp": [{ HostPort: hostPort }] }, [], false),
      (error) => isKind(error, "invalid") && error.message.startsWith("invalid port specification: "),
      hostPort,
    );
  }
  for (const key of ["99999/tcp", "80-81/tcp", "x/udp"]) {
    assert.throws(() => parsePortRequests({ [key]: [{}] }, [], false), /^EscaleError: invalid port specification: /);
  }
  assert.throws(() => parsePortRequests({ "80/foo": [{}] }, [], false), /invalid proto: foo/);
  assert.throws(() => parsePortRequests({ "80/tcp": [{ HostIp: "x" }] }, [], false), /invalid IP address: x/);
  assert.throws(
    () => parsePortRequests({ "80/tcp": [{ HostIp: "::1" }] }, [], false),
    (error) => isKind(error, "unsupported"),
  );
});

test("the port map is sorted and shows exposed ports as null", () => {
  const published = [
    { key: "80/tcp", hostAddress: 0x7f000001, hostPort: 8081 },
    { key: "80/tcp", hostAddress: 0, hostPort: 8080 },
  ];
  const map = portMapOf(published, ["443/tcp", "80/tcp", "53/udp"]);
  assert.deepEqual(Object.entries(map), [
    ["53/udp", null],
    [
      "80/tcp",
      [
        { HostIp: "0.0.0.0", HostPort: "8080" },
        { HostIp: "127.0.0.1", HostPort: "8081" },
      ],
    ],
    ["443/tcp", null],
  ]);
});
