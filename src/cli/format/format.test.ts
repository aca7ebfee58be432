import assert from "node:assert/strict";
import { test } from "node:test";
import { ellipsis } from "./ellipsis.ts";
import { ansiTime, goTime, rfc3339OfNanoseconds } from "./go-time.ts";
import { compactJson, indentJson } from "./json-text.ts";
import { formatList } from "./list.ts";
import { naturalOrder } from "./natural-order.ts";
import { alignTabs, listLayout } from "./table.ts";
import { timestampOf } from "./timestamp.ts";

test("columns are as wide as their widest cell and the padding, and at least 10", () => {
  assert.equal(
    alignTabs("ID\tNAME\tLAST\nlonger-than-ten\tx\ty\n", listLayout),
    "ID                NAME      LAST\nlonger-than-ten   x         y\n",
  );
});

test("a line without a cell ends a column", () => {
  const layout = { minWidth: 5, padding: 1 };
  assert.equal(alignTabs("a:\t1\nbbbbbbbbb\ncc:\t2\n", layout), "a:   1\nbbbbbbbbb\ncc:  2\n");
});

test("JSON is laid out anew and stays what it was", () => {
  const text = '{"a":{},"b":[],"c":[1,{"d":"x, {y}: \\"z\\" \\u003c"}],"big":123456789012345678901,"e":1.50}';
  const expected = `{
    "a": {},
    "b": [],
    "c": [
        1,
        {
            "d": "x, {y}: \\"z\\" \\u003c"
        }
    ],
    "big": 123456789012345678901,
    "e": 1.50
}`;
  assert.equal(indentJson(text, "    "), expected);
  assert.equal(compactJson(expected), text);
});

test("times as Go prints them", () => {
  assert.equal(goTime("2025-11-21T03:11:10.458766924Z"), "2025-11-21 03:11:10.458766924 +0000 UTC");
  assert.equal(goTime("2025-11-21T03:11:10.500+02:00"), "2025-11-21 03:11:10.5 +0200 +0200");
  assert.equal(ansiTime("2026-09-05T11:02:57.000000000+00:00"), "Sat Sep  5 11:02:57 2026");
  assert.match(rfc3339OfNanoseconds(1_700_000_000_000_000_042n), /^2023-11-1[45]T\d\d:\d\d:20\.000000042(Z|[+-])/);
});

test("points in time as options give them", () => {
  const now = Date.parse("2025-01-01T00:10:00.900Z");
  assert.equal(timestampOf("10m", now), "1735689600");
  assert.equal(timestampOf("2025-01-01T00:00:00.25Z", now), "1735689600.250000000");
  assert.equal(timestampOf("1735689600.5", now), "1735689600.5");
  assert.throws(() => timestampOf("yesterday", now), {
    message: 'failed to parse value as time or duration: "yesterday"',
  });
});

test("texts are cut to a width, counted in characters", () => {
  assert.deepEqual(
    [ellipsis("abc", 3), ellipsis("abcd", 3), ellipsis("\u{1F680}\u{1F680}\u{1F680}", 2)],
    ["abc", "ab\u2026", "\u{1F680}\u2026"],
  );
});

test("numbers in names count as numbers", () => {
  assert.deepEqual(["c10", "c2", "b", "c02x"].sort(naturalOrder), ["b", "c2", "c02x", "c10"]);
});

test("a list is a table, JSON lines or what a template makes of its rows", () => {
  const rows = ["a", "bb"].map((name) => ({
    Name: () => name,
    Quoted: () => `<${name}>`,
    Get: (key?: string) => `${name}-${key}`,
  }));
  const list = (format: string): string =>
    formatList({ format, typeName: "*Row", headers: { Name: "NAME", Quoted: "QUOTED" } }, rows);
  assert.equal(list("table {{.Name}}\\t{{upper .Quoted}}"), "NAME      QUOTED\na         <A>\nbb        <BB>\n");
  assert.equal(list('{{.Get "k"}}'), "a-k\nbb-k\n");
  assert.equal(list("json").split("\n")[0], '{"Name":"a","Quoted":"\\u003ca\\u003e"}');
  assert.throws(() => list("{{.Nosuch}}"), {
    message: /^template parsing error: .*can't evaluate field Nosuch in type \*Row$/,
  });
});
