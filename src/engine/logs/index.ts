/** Logs: what containers print, read back and mirrored. Entry point of the noun. */
export { JsonMirror } from "./json-mirror.ts";
export type { LogChunk, LogReadOptions } from "./logs.ts";
export { readLogs } from "./read.ts";
