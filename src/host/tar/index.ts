/** Tar archives: GNU tar for whole trees, a reader and header codec for archives that are not unpacked. Entry point of the noun. */
export { type Compression, compressionOf, decompress, peek } from "./decompress.ts";
export { readTar, type TarMember } from "./entries.ts";
export { encodeHeader, isHeader, type NewEntry, padding, type TarEntry } from "./header.ts";
export { type PackOptions, packTar } from "./pack.ts";
export { packLayer } from "./pack-layer.ts";
export { type UnpackedTar, type UnpackOptions, unpackTar } from "./unpack.ts";
export { type UnpackIntoOptions, unpackInto } from "./unpack-into.ts";
