import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { escaleVersion } from "./version.ts";

test("the version is the package's", async () => {
  const manifest = await readFile(join(import.meta.dirname, "../../package.json"), "utf8");
  assert.equal(escaleVersion, (JSON.parse(manifest) as { version: string }).version);
});
