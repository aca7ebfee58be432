import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions, problemOfVersion, splitVersion } from "./version.ts";

test("versions are compared number by number", () => {
  assert.equal(compareVersions("1.9", "1.10"), -1);
  assert.equal(compareVersions("1.51", "1.51.0"), 0);
  assert.equal(compareVersions("2", "1.51"), 1);
  assert.equal(problemOfVersion("1.24"), undefined);
  assert.equal(problemOfVersion("1.51"), undefined);
  assert.equal(problemOfVersion("1.23.9")?.isTooOld, true);
  assert.equal(problemOfVersion("99999999999999999999.1")?.isTooOld, false);
});

test("a version is only what Docker takes for one", () => {
  assert.deepEqual(splitVersion("/v1.51/info"), { version: "1.51", path: "/info" });
  assert.deepEqual(splitVersion("/info"), { version: undefined, path: "/info" });
  assert.deepEqual(splitVersion("/v1.51"), { version: undefined, path: "/v1.51" });
  assert.deepEqual(splitVersion("/v1.51/v1.50/info"), { version: "1.51", path: "/v1.50/info" });
  assert.deepEqual(splitVersion("/volumes/v1"), { version: undefined, path: "/volumes/v1" });
});
