import assert from "node:assert/strict";
import { test } from "node:test";
import { checkName, makeUpName } from "./names.ts";

test("made-up names avoid those that are taken", () => {
  const seen = new Set<string>();
  for (let count = 0; count < 6000; count++) {
    const name = makeUpName((each) => seen.has(each));
    assert.match(name, /^[a-z]+_[a-z]+\d*$/);
    assert.ok(!seen.has(name));
    seen.add(name);
  }
});

test("names keep to Docker's alphabet", () => {
  assert.equal(checkName("/web.1_a-b"), "web.1_a-b");
  for (const name of ["a", "-ab", "a b", "a/b", "ä1"]) assert.throws(() => checkName(name), /Invalid container name/);
});
