import assert from "node:assert/strict";
import { test } from "node:test";
import { detachFilter, parseDetachKeys } from "./detach-keys.ts";

test("keys by their names", () => {
  assert.deepEqual(parseDetachKeys(""), [16, 17]);
  assert.deepEqual(parseDetachKeys("ctrl-a,d,ctrl-[,ctrl-@"), [1, 100, 27, 0]);
  assert.throws(() => parseDetachKeys("ctrl-A,b"), { message: "Unknown character: 'ctrl-A'" });
});

test("keys are found across pieces, and what only looked like them is passed on", () => {
  const filter = detachFilter([16, 17]);
  const through = (...bytes: number[]): number[] | null => {
    const result = filter(Buffer.from(bytes));
    return result === null ? null : [...result];
  };
  assert.deepEqual(through(1, 2), [1, 2]);
  assert.deepEqual(through(16), []);
  assert.deepEqual(through(16), [16]);
  assert.deepEqual(through(3), [16, 3]);
  assert.deepEqual(through(16), []);
  assert.equal(through(17), null);
});
