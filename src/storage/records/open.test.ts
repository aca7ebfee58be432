import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, test } from "node:test";
import { openLogger } from "../../base/logger.ts";
import { openRecords } from "./open.ts";
import { recordKind } from "./records.ts";
import { migrate, migrations } from "./schema.ts";

const log = openLogger("error", () => {});
const thing = recordKind<{ n: number }>("thing");
let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "escale-records-"));
  path = join(folder, "escale.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("records of a newer Escale are refused, and stay as they are", async () => {
  await openRecords(path, { log })[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  for (let i = 0; i < 2; i++) {
    assert.throws(() => openRecords(path, { log }), {
      kind: "unsupported",
      message: `${path} was written by a newer Escale: its records have version 99, this Escale understands up to ${migrations.length}`,
      hint: "start that newer Escale again, or give this one another folder with --data-root",
    });
  }
});

test("older records are migrated step by step, all or nothing", async () => {
  await openRecords(path, { log })[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  const next = [
    ...migrations,
    (to: DatabaseSync) => to.exec("CREATE TABLE extra (x)"),
    (to: DatabaseSync) => to.exec("ALTER TABLE extra ADD y"),
  ];
  assert.throws(() =>
    migrate(db, path, [
      ...next,
      () => {
        throw new Error("no");
      },
    ]),
  );
  assert.equal(db.prepare("PRAGMA user_version").get()?.user_version, migrations.length);
  migrate(db, path, next);
  db.exec("INSERT INTO extra VALUES (1, 2)");
  assert.equal(db.prepare("PRAGMA user_version").get()?.user_version, next.length);
  db.close();
});

test("a file that is no database is told", () => {
  writeFileSync(path, "no database".repeat(100));
  assert.throws(() => openRecords(path, { log }), {
    kind: "internal",
    message: /cannot open the records in .*escale\.db/,
  });
});

const writer = `
  import { openRecords, recordKind } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
  const log = { error() {} };
  try {
    const records = openRecords(process.argv[1], { log });
    for (let n = 1; ; n++) {
      records.update((tx) => { tx.put(recordKind("thing"), "a", { n }); tx.put(recordKind("thing"), "b", { n }); });
      if (n === 50) process.stdout.write("ready");
    }
  } catch (error) { console.log(error.message); }
`;

test("one process only; after a SIGKILL all is there, transactions whole", async () => {
  const args = ["--no-warnings", "--input-type=module-typescript", "-e", writer, path];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    assert.throws(() => openRecords(path, { log }), {
      kind: "conflict",
      message: `the data root ${folder} is in use by the process with PID ${child.pid}`,
    });
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  const records = openRecords(path, { log });
  const [a, b] = records.view((tx) => tx.list(thing));
  await records[Symbol.asyncDispose]();
  assert.ok(a!.value.n >= 50);
  assert.deepEqual(a!.value, b!.value);
});

test("a commit costs well under a millisecond", async () => {
  const records = openRecords(path, { log });
  const start = performance.now();
  for (let n = 0; n < 500; n++) records.update((tx) => tx.put(thing, `t${n}`, { n }));
  const each = (performance.now() - start) / 500;
  await records[Symbol.asyncDispose]();
  assert.ok(each < 1, `${each} ms`);
});
