import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { conflict, EscaleError, internal, messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { lockFile } from "../../host/file-lock.ts";
import type { RecordChange, RecordKind, Records, StoredRecord, WriteTransaction } from "./records.ts";
import { openReserve } from "./reserve.ts";
import { migrate } from "./schema.ts";

interface Row {
  id: string;
  version: number;
  value: string;
}

interface PendingChange extends RecordChange<unknown> {
  readonly kind: string;
}

/** How long a reserve that was given up is left to those who need it, in milliseconds. */
const retakeAfter = 10_000;

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && /disk is full/.test(error.message);
}

function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 1000");
    migrate(db, path);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof EscaleError) throw error;
    throw internal(`cannot open the records in ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Opens the records in the SQLite database `path`, created with its folder (0700) where missing, for this process
 * alone. Errors: conflict when another process has it open (with its id), unsupported when a newer version wrote it,
 * internal when it is damaged.
 */
export function openRecords(path: string, deps: { log: Logger }): Records {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = lockFile(`${path}.lock`);
  if ("holder" in lock) {
    throw conflict(`the data root ${dirname(path)} is in use by the process with PID ${lock.holder}`, {
      hint: "stop that daemon first, or give this one another folder with --data-root",
    });
  }
  let db: DatabaseSync;
  try {
    db = openDatabase(path);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
  const sql = {
    begin: db.prepare("BEGIN"),
    beginImmediate: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    rollback: db.prepare("ROLLBACK"),
    get: db.prepare("SELECT id, version, value FROM records WHERE kind = ? AND id = ?"),
    list: db.prepare("SELECT id, version, value FROM records WHERE kind = ? ORDER BY id"),
    put: db.prepare("INSERT OR REPLACE INTO records (kind, id, version, value) VALUES (?, ?, ?, ?)"),
    delete: db.prepare("DELETE FROM records WHERE kind = ? AND id = ?"),
    count: db.prepare("UPDATE counter SET last = last + 1 RETURNING last"),
  };
  const listeners = new Map<string, Set<(change: RecordChange<unknown>) => void>>();
  let changes: PendingChange[] = [];
  let version: number | undefined;

  const stored = <T>(row: Row): StoredRecord<T> => ({
    id: row.id,
    version: row.version,
    value: JSON.parse(row.value) as T,
  });
  const nextVersion = (): number => {
    version ??= Number((sql.count.get() as { last: number }).last);
    return version;
  };
  const tx: WriteTransaction = {
    get: <T>(kind: RecordKind<T>, id: string) => {
      const row = sql.get.get(kind.name, id) as unknown as Row | undefined;
      return row && stored<T>(row);
    },
    list: <T>(kind: RecordKind<T>) => (sql.list.all(kind.name) as unknown as Row[]).map((row) => stored<T>(row)),
    put: (kind, id, value, options = {}) => {
      if (options.version !== undefined) {
        const row = sql.get.get(kind.name, id) as unknown as Row | undefined;
        if ((row?.version ?? 0) !== options.version) throw conflict("update out of sequence");
      }
      sql.put.run(kind.name, id, nextVersion(), JSON.stringify(value));
      if (listeners.has(kind.name)) changes.push({ kind: kind.name, id, version: nextVersion(), value });
    },
    delete: (kind, id) => {
      const isGone = sql.delete.run(kind.name, id).changes > 0;
      if (isGone && listeners.has(kind.name)) changes.push({ kind: kind.name, id, version: nextVersion() });
      return isGone;
    },
  };
  const tell = (told: readonly PendingChange[]): void => {
    for (const change of told) {
      for (const listener of listeners.get(change.kind) ?? []) {
        try {
          listener(change);
        } catch (error) {
          deps.log.error("a listener to records failed", { kind: change.kind, id: change.id, error });
        }
      }
    }
  };
  const transact = <R>(begin: { run(): unknown }, body: (tx: WriteTransaction) => R): R => {
    if (db.isTransaction) throw new Error("a transaction inside a transaction");
    begin.run();
    changes = [];
    version = undefined;
    let result: R;
    try {
      result = body(tx);
      if (result instanceof Promise) throw new Error("a transaction is synchronous: its callback returned a promise");
      sql.commit.run();
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (db.isTransaction) sql.rollback.run();
      throw error;
    }
    tell(changes);
    return result;
  };

  const reserve = openReserve(`${path}.reserve`);
  reserve.take();
  let isReserveGiven = false;
  const retake = (): void => {
    isReserveGiven = false;
    reserve.take();
  };
  const update = <R>(write: (tx: WriteTransaction) => R): R => {
    try {
      return transact(sql.beginImmediate, write);
    } catch (error) {
      if (!isDiskFull(error) || !reserve.give()) throw error;
      deps.log.warn("the disk is full; writing records from the reserve", { path });
      if (!isReserveGiven) setTimeout(retake, retakeAfter).unref();
      isReserveGiven = true;
      return transact(sql.beginImmediate, write);
    }
  };

  return {
    view: (read) => transact(sql.begin, read),
    update,
    watch: <T>(kind: RecordKind<T>, listener: (change: RecordChange<T>) => void) => {
      const set = listeners.get(kind.name) ?? new Set();
      listeners.set(kind.name, set);
      const entry = listener as (change: RecordChange<unknown>) => void;
      set.add(entry);
      return () => set.delete(entry);
    },
    [Symbol.asyncDispose]: async () => {
      db.close();
      lock[Symbol.dispose]();
    },
  };
}
