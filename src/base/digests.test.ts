import assert from "node:assert/strict";
import { test } from "node:test";
import { chainIds, digestHex, digestOf, isDigest } from "./digests.ts";

test("a digest is sha256 with 64 lower-case digits", () => {
  const empty = digestOf("");
  assert.equal(empty, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.ok(isDigest(empty));
  for (const bad of [empty.toUpperCase(), empty.slice(1), `${empty}0`, digestHex(empty), "sha256:", ""]) {
    assert.ok(!isDigest(bad), bad);
  }
});

test("the first chain id is the layer's own digest, the next hash both", () => {
  const [a, b] = [digestOf("a"), digestOf("b")];
  assert.deepEqual(chainIds([]), []);
  assert.deepEqual(chainIds([a, b]), [a, digestOf(`${a} ${b}`)]);
});
