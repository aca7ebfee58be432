/** Records: typed, versioned, watchable documents. Entry point of the noun. */
export { openRecords } from "./open.ts";
export {
  type ReadTransaction,
  type RecordChange,
  type RecordKind,
  type Records,
  recordKind,
  type StoredRecord,
  type WriteTransaction,
} from "./records.ts";
