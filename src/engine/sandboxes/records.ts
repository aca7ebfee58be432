/** What is kept of a sandbox outside of memory, so that the next daemon takes it over. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Endpoint } from "../networks/index.ts";
import type { TakenPort } from "./port-allocator.ts";

/** A sandbox on disk. It lives no longer than its namespace: a reboot ends both. */
export interface SandboxRecord {
  readonly id: string;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly TakenPort[];
  readonly exposed: readonly string[];
}

/** Where records are kept. All calls are synchronous: a record is there when `put` returns. */
export interface SandboxRecords {
  put(id: string, record: SandboxRecord): void;
  /** An absent one is no error. */
  delete(id: string): void;
  all(): SandboxRecord[];
}

const suffix = ".json";

/** Keeps each record in a file of its own in `folder`, which is made when needed. */
export function sandboxFiles(folder: string): SandboxRecords {
  const pathOf = (id: string): string => join(folder, `${id}${suffix}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    put: (id, record) => {
      writeFileSync(join(folder, `${id}.new`), JSON.stringify(record), { mode: 0o600 });
      renameSync(join(folder, `${id}.new`), pathOf(id));
    },
    delete: (id) => rmSync(pathOf(id), { force: true }),
    all: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith(suffix))
        .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as SandboxRecord),
  };
}
