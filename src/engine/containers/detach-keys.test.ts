import assert from "node:assert/strict";
import { test } from "node:test";
import { DetachKeyScanner, parseDetachKeys } from "./detach-keys.ts";

const scan = (...chunks: string[]): { text: string; isDetached: boolean } => {
  const scanner = new DetachKeyScanner(parseDetachKeys(""));
  let text = "";
  for (const chunk of chunks) {
    const { input, isDetached } = scanner.scan(Buffer.from(chunk));
    text += input.toString();
    if (isDetached) return { text, isDetached };
  }
  return { text, isDetached: false };
};

test("detach keys are read as Docker writes them", () => {
  assert.deepEqual(parseDetachKeys(""), [16, 17]);
  assert.deepEqual(parseDetachKeys("ctrl-a,x"), [1, 120]);
  assert.deepEqual(parseDetachKeys("ctrl-[,ctrl-@"), [27, 0]);
  assert.throws(() => parseDetachKeys("ctrl-a,nope"), /Invalid detach keys/);
});

test("input passes until the keys are typed", () => {
  assert.deepEqual(scan("hello"), { text: "hello", isDetached: false });
  assert.deepEqual(scan("ab\x10\x11cd"), { text: "ab", isDetached: true });
});

test("the keys are found across packets, and a broken sequence reaches the program", () => {
  assert.deepEqual(scan("a\x10", "\x11"), { text: "a", isDetached: true });
  assert.deepEqual(scan("a\x10", "b"), { text: "a\x10b", isDetached: false });
  assert.deepEqual(scan("\x10\x10\x11"), { text: "\x10", isDetached: true });
});
