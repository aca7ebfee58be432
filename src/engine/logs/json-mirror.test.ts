import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { JsonMirror } from "./json-mirror.ts";

const record = (tag: "F" | "P", text: string): string => `2026-01-02T03:04:05.120000000+00:00 stdout ${tag} ${text}\n`;

async function withFolder(body: (source: string, mirror: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "escale-mirror-"));
  try {
    await body(join(folder, "container.log"), join(folder, "json.log"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const fail = (error: unknown): void => assert.fail(String(error));

const texts = async (path: string): Promise<string[]> =>
  (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { log: string }).log);

test("each line becomes an entry in Docker's form", () =>
  withFolder(async (source, path) => {
    await writeFile(source, record("F", "a <b>") + record("P", "half") + record("F", " whole"));
    await new JsonMirror(source, path, fail).finish();
    assert.equal(
      (await readFile(path, "utf8")).split("\n")[0],
      '{"log":"a \\u003cb\\u003e\\n","stream":"stdout","time":"2026-01-02T03:04:05.12Z"}',
    );
    assert.deepEqual(await texts(path), ["a <b>\n", "half whole\n"]);
  }));

test("long lines are cut at 16 KiB, and an unfinished last line is written at the end", () =>
  withFolder(async (source, path) => {
    const piece = "x".repeat(8192);
    await writeFile(source, record("P", piece).repeat(5) + record("F", "") + record("P", "open"));
    await new JsonMirror(source, path, fail).finish();
    assert.deepEqual(
      (await texts(path)).map((text) => text.length),
      [16384, 16384, 8193, 4],
    );
  }));

test("a mirror goes on where an earlier one was killed, without loss or doubles", () =>
  withFolder(async (source, path) => {
    await writeFile(source, record("F", "one"));
    await new JsonMirror(source, path, fail).finish();
    // Killed after writing an entry, before saying so.
    await appendFile(source, record("F", "two") + record("F", "three"));
    await appendFile(path, '{"log":"two\\n","stream":"stdo');
    await new JsonMirror(source, path, fail).finish();
    assert.deepEqual(await texts(path), ["one\n", "two\n", "three\n"]);
  }));
