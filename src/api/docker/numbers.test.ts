import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSize, parseTimestamp, parseWhole } from "./numbers.ts";

test("times are nanoseconds, whatever the number of digits", () => {
  assert.equal(parseTimestamp(""), 0n);
  assert.equal(parseTimestamp("1795229000"), 1_795_229_000_000_000_000n);
  assert.equal(parseTimestamp("1795229000.5"), 1_795_229_000_500_000_000n);
  assert.equal(parseTimestamp("1795229000.000000007"), 1_795_229_000_000_000_007n);
  assert.equal(parseTimestamp("1.1234567891"), 1_123_456_789n);
  assert.throws(() => parseTimestamp("1."), { message: 'strconv.ParseInt: parsing "": invalid syntax' });
  assert.throws(() => parseTimestamp("9223372036854775808"), { kind: "internal", message: /value out of range$/ });
});

test("whole numbers and sizes", () => {
  assert.equal(parseWhole("-3"), -3);
  assert.throws(() => parseWhole("1.5"), { message: 'strconv.Atoi: parsing "1.5": invalid syntax' });
  assert.equal(parseSize("4294967295", "resize width"), 4_294_967_295);
  assert.throws(() => parseSize("4294967296", "resize width"), {
    kind: "invalid",
    message: 'invalid resize width "4294967296": value out of range',
  });
});
