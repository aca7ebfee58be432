/** Blobs: content under its digest. Entry point of the noun. */
export type { BlobInfo, Blobs, BlobWriter } from "./blobs.ts";
export { openBlobs } from "./open.ts";
