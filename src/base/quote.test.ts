import assert from "node:assert/strict";
import { test } from "node:test";
import { quote } from "./quote.ts";

test("what cannot be printed is escaped, everything else stays", () => {
  assert.equal(quote('a "b" \\ c'), '"a \\"b\\" \\\\ c"');
  assert.equal(quote("tab\tline\nbell\u0007\u0001"), '"tab\\tline\\nbell\\a\\x01"');
  assert.equal(quote("d\u00e9j\u00e0 \u{1F680} \u00a0\u200b"), '"d\u00e9j\u00e0 \u{1F680} \\u00a0\\u200b"');
});
