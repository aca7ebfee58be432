import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBind } from "./binds.ts";

test("a bind is split into source, target and mode", () => {
  assert.deepEqual(parseBind("/a:/b"), { source: "/a", target: "/b", mode: "" });
  assert.deepEqual(parseBind("/a:/b:ro,rslave"), { source: "/a", target: "/b", mode: "ro,rslave" });
  assert.deepEqual(parseBind("name:/b").source, "name");
});

test("wrong binds are refused in Docker's words", () => {
  assert.throws(
    () => parseBind("/x:y"),
    /invalid mount config for type "bind": invalid mount path: 'y' mount path must be absolute/,
  );
  assert.throws(() => parseBind("/x:/"), /destination can't be '\/'/);
  assert.throws(() => parseBind("/x:/y:foo"), /^EscaleError: invalid mode: foo$/);
  assert.throws(() => parseBind("a"), /for type "volume": invalid mount path: 'a'/);
});
