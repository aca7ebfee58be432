import assert from "node:assert/strict";
import { test } from "node:test";
import { nowNanos, parseRfc3339Nano, rfc3339Nano } from "./clock.ts";

test("times are printed without trailing zeros, as Go does", () => {
  assert.equal(rfc3339Nano(1_700_000_000_123_456_000n), "2023-11-14T22:13:20.123456Z");
  assert.equal(rfc3339Nano(1_700_000_000_000_000_000n), "2023-11-14T22:13:20Z");
});

test("times are read back exactly, with any offset", () => {
  const now = nowNanos();
  assert.equal(parseRfc3339Nano(rfc3339Nano(now)), now);
  assert.equal(parseRfc3339Nano("2023-11-14T23:13:20.5+01:00"), 1_700_000_000_500_000_000n);
  assert.equal(parseRfc3339Nano("yesterday"), undefined);
});
