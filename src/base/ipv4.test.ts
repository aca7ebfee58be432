import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contains,
  formatAddress,
  formatSubnet,
  lastOf,
  overlaps,
  parseAddress,
  parseCidr,
  type Subnet,
  sizeOf,
} from "./ipv4.ts";

const subnet = (text: string): Subnet => parseCidr(text)?.subnet ?? assert.fail(`no subnet: ${text}`);

test("addresses are read and written", () => {
  for (const text of ["0.0.0.0", "127.0.0.1", "172.17.0.2", "255.255.255.255"]) {
    assert.equal(formatAddress(parseAddress(text) ?? -1), text);
  }
  for (const text of ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "::1", " 1.2.3.4", "1.2.3.-4"]) {
    assert.equal(parseAddress(text), undefined, text);
  }
});

test("a CIDR is an address in a subnet", () => {
  const { address, subnet } = parseCidr("172.26.3.1/16") ?? assert.fail();
  assert.equal(formatAddress(address), "172.26.3.1");
  assert.equal(formatSubnet(subnet), "172.26.0.0/16");
  assert.equal(sizeOf(subnet), 65536);
  assert.equal(formatAddress(lastOf(subnet)), "172.26.255.255");
  for (const text of ["172.26.0.1", "172.26.0.1/33", "172.26.0.1/x", "/16", "x/16"]) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

test("subnets overlap when they share an address", () => {
  assert.ok(overlaps(subnet("10.0.0.0/8"), subnet("10.1.2.0/24")));
  assert.ok(overlaps(subnet("10.1.2.0/24"), subnet("0.0.0.0/0")));
  assert.ok(!overlaps(subnet("10.1.2.0/24"), subnet("10.1.3.0/24")));
  assert.ok(contains(subnet("255.255.255.0/24"), parseAddress("255.255.255.255") ?? 0));
});
