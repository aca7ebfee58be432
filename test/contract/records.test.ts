import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLogger } from "../../src/base/logger.ts";
import { openRecords, type Records } from "../../src/storage/records/index.ts";
import { recordsContract } from "./records.ts";

recordsContract("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "escale-records-"));
  const log = openLogger("error", () => {});
  const open = (): Records => openRecords(join(folder, "escale.db"), { log });
  let current = open();
  return {
    records: current,
    reopen: async () => {
      await current[Symbol.asyncDispose]();
      current = open();
      return current;
    },
    dispose: async () => {
      await current[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});
