/** Tar archives: GNU tar for whole trees, a reader and header codec for archives that are not unpacked. Entry point of the noun. */
export { type Compression, compressionOf, decompress, peek } from "./decompress.ts";
export { readTar, type TarMember } from "./entries.ts";
export { encodeHeader, isHeader, type NewEntry, padding, type TarEntry } from "./header.ts";
export { type UnpackedTar, type UnpackOptions, unpackTar } from "./unpack.ts";
