import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, humanDuration, parseDuration } from "./durations.ts";

test("spans for people", () => {
  const second = 1000;
  const hour = 3600 * second;
  const cases: [number, string][] = [
    [999, "Less than a second"],
    [1 * second, "1 second"],
    [59 * second, "59 seconds"],
    [60 * second, "About a minute"],
    [119 * second, "About a minute"],
    [120 * second, "2 minutes"],
    [59 * 60 * second, "59 minutes"],
    [hour, "About an hour"],
    [1.6 * hour, "2 hours"],
    [47 * hour, "47 hours"],
    [48 * hour, "2 days"],
    [14 * 24 * hour, "2 weeks"],
    [60 * 24 * hour, "2 months"],
    [2 * 365 * 24 * hour, "2 years"],
  ];
  for (const [span, text] of cases) assert.equal(humanDuration(span), text);
});

test("durations are read and written in Go's form", () => {
  const cases: [string, bigint, string][] = [
    ["0", 0n, "0s"],
    ["1m30s", 90_000_000_000n, "1m30s"],
    ["250ms", 250_000_000n, "250ms"],
    ["1.5h", 5_400_000_000_000n, "1h30m0s"],
    ["-2s", -2_000_000_000n, "-2s"],
    [".5s", 500_000_000n, "500ms"],
    ["1h2m3.004s", 3_723_004_000_000n, "1h2m3.004s"],
    ["3us", 3_000n, "3\u00b5s"],
    ["7ns", 7n, "7ns"],
  ];
  for (const [text, span, written] of cases) {
    assert.equal(parseDuration(text), span, text);
    assert.equal(formatDuration(span), written);
  }
});

test("durations that are none are refused with Go's texts", () => {
  assert.throws(() => parseDuration("x"), { message: 'time: invalid duration "x"' });
  assert.throws(() => parseDuration("5"), { message: 'time: missing unit in duration "5"' });
  assert.throws(() => parseDuration("5q"), { message: 'time: unknown unit "q" in duration "5q"' });
  assert.throws(() => parseDuration(""), { message: 'time: invalid duration ""' });
});
