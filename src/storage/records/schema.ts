import type { DatabaseSync } from "node:sqlite";
import { unsupported } from "../../base/errors.ts";

/** One step from a schema version to the next. */
export type Migration = (db: DatabaseSync) => void;

/** All steps: the n-th leads from version n to n + 1. A released step is never changed, only followed by another. */
export const migrations: readonly Migration[] = [
  (db) => {
    db.exec(`
      CREATE TABLE records (
        kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)
      ) WITHOUT ROWID;
      CREATE TABLE counter (last INTEGER NOT NULL);
      INSERT INTO counter VALUES (0);
    `);
  },
];

/**
 * Brings a database to the version of the last of `steps`, in one transaction.
 * Errors: unsupported when the database is of a later version.
 */
export function migrate(db: DatabaseSync, path: string, steps: readonly Migration[] = migrations): void {
  const found = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  if (found > steps.length) {
    throw unsupported(
      `${path} was written by a newer Escale: its records have version ${found}, this Escale understands up to ${steps.length}`,
      { hint: "start that newer Escale again, or give this one another folder with --data-root" },
    );
  }
  if (found === steps.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const step of steps.slice(found)) step(db);
    db.exec(`PRAGMA user_version = ${steps.length}`);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}
