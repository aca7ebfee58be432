/**
 * Records: small typed documents with a version, read and written in transactions and watchable. A record is (kind, id,
 * version, JSON). Versions come from one counter that grows with each transaction that writes, so of two records the
 * one with the higher version was written later, and a version is never used twice.
 *
 * Transactions are synchronous: what reads and writes in one callback is atomic, and needs no lock.
 */

/** Names a kind of record and its type. */
export interface RecordKind<T> {
  readonly name: string;
  /** Only for the type checker. */
  readonly type?: T;
}

/** Declares a kind of record; `name` is what is stored. */
export function recordKind<T>(name: string): RecordKind<T> {
  return { name };
}

/** A record as it is stored. */
export interface StoredRecord<T> {
  readonly id: string;
  readonly version: number;
  readonly value: T;
}

/** Reads a consistent state. */
export interface ReadTransaction {
  get<T>(kind: RecordKind<T>, id: string): StoredRecord<T> | undefined;
  /** All records of a kind, by ascending id. */
  list<T>(kind: RecordKind<T>): StoredRecord<T>[];
}

/** Reads its own writes; they become visible to others all at once, or not at all when the callback throws. */
export interface WriteTransaction extends ReadTransaction {
  /**
   * Creates or replaces. With `version` the record must have that version (0: must not exist).
   * Errors: conflict `update out of sequence`.
   */
  put<T>(kind: RecordKind<T>, id: string, value: T, options?: { version?: number }): void;
  /** Deletes; absent is no error. Tells whether there was one. */
  delete<T>(kind: RecordKind<T>, id: string): boolean;
}

/** One record that a transaction changed: `value` is missing when it was deleted. */
export interface RecordChange<T> {
  readonly id: string;
  readonly version: number;
  readonly value?: T;
}

/** An open store of records. */
export interface Records extends AsyncDisposable {
  view<R>(read: (tx: ReadTransaction) => R): R;
  update<R>(write: (tx: WriteTransaction) => R): R;
  /**
   * Calls `listener` for each change of that kind, in order, right after the transaction that made it, until the
   * returned function is called. A listener that throws does not disturb the others.
   */
  watch<T>(kind: RecordKind<T>, listener: (change: RecordChange<T>) => void): () => void;
}
