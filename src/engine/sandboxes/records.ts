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
  /** Called once, by the daemon that takes them over. */
  all(): SandboxRecord[];
}

const suffix = ".json";

/** Keeps each record in a file of its own in `folder`, which is made when needed; half-written files are removed. */
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
      readdirSync(folder).flatMap((name) => {
        const record = name.endsWith(suffix) ? read(join(folder, name)) : undefined;
        if (record === undefined) rmSync(join(folder, name), { force: true });
        return record ?? [];
      }),
  };
}

/** The record in a file, or undefined where the machine went down before it was on disk. */
function read(path: string): SandboxRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as SandboxRecord;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
