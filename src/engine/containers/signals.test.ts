import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSignal } from "./signals.ts";

test("signals are read by name and number", () => {
  for (const [text, number] of [
    ["SIGTERM", 15],
    ["term", 15],
    ["9", 9],
    ["SIGRTMIN+3", 37],
    ["RTMAX-1", 63],
  ] as const) {
    assert.equal(parseSignal(text), number, text);
  }
});

test("what is no signal is refused in Docker's words", () => {
  for (const text of ["FOO", "0", "65", "SIGRTMAX+1", "-9", ""]) {
    assert.throws(() => parseSignal(text), new RegExp(`^EscaleError: invalid signal: ${text.replace("+", "\\+")}$`));
  }
});
