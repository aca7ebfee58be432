import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "../../package.json" with { type: "json" };
import { escaleVersion } from "./version.ts";

test("the version is the package's", () => assert.equal(escaleVersion, manifest.version));
