import assert from "node:assert/strict";
import { test } from "node:test";
import { globToRegExp } from "./glob.ts";

test("patterns match as Go's path.Match does", () => {
  for (const [pattern, name, expected] of [
    ["my-app", "my-app", true],
    ["my-*:v?", "my-app:v1", true],
    ["my-*", "my/app", false],
    ["[a-c]b", "bb", true],
    ["[^a]b", "ab", false],
    ["a[\\-]b", "a-b", true],
    ["a\\*", "a*", true],
    ["a.b", "axb", false],
  ] as const) {
    assert.equal(globToRegExp(pattern).test(name), expected, pattern);
  }
  for (const pattern of ["[", "a\\", "[]", "[-a]"])
    assert.throws(() => globToRegExp(pattern), /syntax error in pattern/);
});
