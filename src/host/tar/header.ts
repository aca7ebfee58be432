/** One header of a tar archive (POSIX ustar with GNU's and pax's extensions): decoded and encoded. Names are bytes, held as latin1. */
import { invalid } from "../../base/errors.ts";

export const blockSize = 512;

/** What a header says of a member. Text is latin1: one character per byte, as archives give no encoding. */
export interface TarEntry {
  readonly name: string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` FIFO, `S` GNU's sparse file. */
  readonly type: string;
  /** Bytes of content that follow in the archive. */
  readonly size: number;
  /** Bytes of the file: larger than {@link size} when it is sparse. */
  readonly realSize: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly linkName: string;
  /** Major and minor number of a device; 0/0 else. */
  readonly device: readonly [major: number, minor: number];
  readonly pax: ReadonlyMap<string, string>;
}

/** An error with the text of Go's archive/tar, which is what Docker's users see. */
export function invalidHeader(): Error {
  return invalid("archive/tar: invalid tar header");
}

function text(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString("latin1", start, end === -1 || end > start + length ? start + length : end);
}

function number(block: Buffer, start: number, length: number): number {
  const first = block[start]!;
  if (first & 0x80) {
    if (first & 0x40) throw invalidHeader();
    let value = first & 0x3f;
    for (let i = start + 1; i < start + length; i++) value = value * 256 + block[i]!;
    if (!Number.isSafeInteger(value)) throw invalidHeader();
    return value;
  }
  let value = 0;
  let hasEnded = false;
  for (let i = start; i < start + length; i++) {
    const byte = block[i]!;
    if (byte === 0 || byte === 0x20) {
      hasEnded ||= value > 0 || block[i - 1] === 0x30;
      continue;
    }
    if (hasEnded || byte < 0x30 || byte > 0x37) throw invalidHeader();
    value = value * 8 + (byte - 0x30);
  }
  return value;
}

/** Whether a block's checksum is right, as it is for headers and hardly ever for anything else. */
export function isHeader(block: Buffer): boolean {
  if (block.length < blockSize) return false;
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let i = 0; i < blockSize; i++) {
    if (i === 148) i = 156;
    const byte = block[i]!;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const stored = Number.parseInt(text(block, 148, 8).trim(), 8);
  return stored === unsigned || stored === signed;
}

/** A member's type and the bytes that follow its header; throws {@link invalidHeader}. */
export function decodeFrame(block: Buffer): { type: string; size: number } {
  if (!isHeader(block)) throw invalidHeader();
  const flag = block[156]!;
  return { type: flag === 0 || flag === 0x37 ? "0" : String.fromCharCode(flag), size: number(block, 124, 12) };
}

/** What came before a member's header: pax records, and GNU's long names. */
export interface Extensions {
  pax: Map<string, string>;
  longName?: string;
  longLink?: string;
}

/** Decodes a header together with what extends it. */
export function decodeHeader(block: Buffer, extensions: Extensions): TarEntry {
  const frame = decodeFrame(block);
  const { pax } = extensions;
  const isUstar = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isUstar ? text(block, 345, 155) : "";
  const short = text(block, 0, 100);
  const name = pax.get("path") ?? extensions.longName ?? (prefix === "" ? short : `${prefix}/${short}`);
  const paxSize = pax.get("size");
  const size = paxSize === undefined ? frame.size : Number(paxSize);
  const sparse = pax.get("GNU.sparse.realsize") ?? pax.get("GNU.sparse.size");
  const realSize = frame.type === "S" ? number(block, 483, 12) : sparse === undefined ? size : Number(sparse);
  for (const bytes of [size, realSize]) if (!Number.isSafeInteger(bytes) || bytes < 0) throw invalidHeader();
  // Old archives mark a folder only by the slash at its end.
  const type = frame.type === "0" && name.endsWith("/") ? "5" : frame.type;
  return {
    name: pax.get("GNU.sparse.name") ?? name,
    type,
    size: "12345 6".includes(type) ? 0 : size,
    realSize,
    mode: number(block, 100, 8) & 0o7777,
    uid: Number(pax.get("uid") ?? number(block, 108, 8)),
    gid: Number(pax.get("gid") ?? number(block, 116, 8)),
    mtime: Number(pax.get("mtime") ?? number(block, 136, 12)),
    linkName: pax.get("linkpath") ?? extensions.longLink ?? text(block, 157, 100),
    device: type === "3" || type === "4" ? [number(block, 329, 8), number(block, 337, 8)] : [0, 0],
    pax,
  };
}

/** Parses the body of a pax header. */
export function decodePax(body: Buffer, into: Map<string, string>): void {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(body.toString("latin1", at, space));
    const end = at + length;
    const equals = body.indexOf(0x3d, space);
    if (!(end <= body.length) || end <= space || equals === -1 || equals >= end || body[end - 1] !== 0x0a) {
      throw invalidHeader();
    }
    into.set(body.toString("latin1", space + 1, equals), body.toString("latin1", equals + 1, end - 1));
    at = end;
  }
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** Zero bytes after content of that size, up to a whole block. */
export function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** What a header to be written says. */
export type NewEntry = Pick<TarEntry, "name" | "type" | "size"> &
  Partial<Pick<TarEntry, "mode" | "uid" | "gid" | "mtime" | "linkName" | "device" | "pax">>;

function writeNumber(block: Buffer, value: number, start: number, length: number): void {
  const octal = Math.floor(value).toString(8);
  if (octal.length < length) {
    block.write(octal.padStart(length - 1, "0"), start, "latin1");
    return;
  }
  for (let i = start + length - 1, rest = value; i > start; i--, rest = Math.floor(rest / 256)) block[i] = rest % 256;
  block[start] = 0x80;
}

function encodeBlock(entry: NewEntry): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(entry.name.slice(0, 100), 0, "latin1");
  writeNumber(block, entry.mode ?? 0o644, 100, 8);
  writeNumber(block, entry.uid ?? 0, 108, 8);
  writeNumber(block, entry.gid ?? 0, 116, 8);
  writeNumber(block, entry.size, 124, 12);
  writeNumber(block, Math.max(0, entry.mtime ?? 0), 136, 12);
  block.write("        ", 148, "latin1");
  block.write(entry.type, 156, "latin1");
  block.write((entry.linkName ?? "").slice(0, 100), 157, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  if (entry.type === "3" || entry.type === "4") {
    const [major, minor] = entry.device ?? [0, 0];
    writeNumber(block, major, 329, 8);
    writeNumber(block, minor, 337, 8);
  }
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** Encodes a header, with a pax header before it where needed. */
export function encodeHeader(entry: NewEntry): Buffer {
  const pax = new Map(entry.pax);
  for (const [key, value] of [
    ["path", entry.name],
    ["linkpath", entry.linkName ?? ""],
  ] as const) {
    if (value.length > 100) pax.set(key, value);
    else pax.delete(key);
  }
  if (pax.has("GNU.sparse.name")) pax.set("GNU.sparse.name", entry.name);
  const block = encodeBlock(entry);
  if (pax.size === 0) return block;
  const body = Buffer.from([...pax].map(([key, value]) => paxRecord(key, value)).join(""), "latin1");
  const header = encodeBlock({ name: "PaxHeaders/entry", type: "x", size: body.length });
  return Buffer.concat([header, body, Buffer.alloc(padding(body.length)), block]);
}
