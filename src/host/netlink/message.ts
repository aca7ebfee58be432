/** Netlink messages as bytes: netlink(7) and rtnetlink(7). All numbers are in host order unless a field says otherwise. */
import { endianness } from "node:os";

const isLittle = endianness() === "LE";

/** A typed value inside a message; nested where its value is a list. */
export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array | readonly Attribute[];
  /** Bytes that come before nested attributes: the header that some nests begin with. */
  readonly head?: Uint8Array;
}

/** A message as received. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** What follows the netlink header. */
  readonly payload: Buffer;
}

/** An unsigned number of 1, 2 or 4 bytes, in host order. */
export function number(size: 1 | 2 | 4, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  if (isLittle) bytes.writeUIntLE(value, 0, size);
  else bytes.writeUIntBE(value, 0, size);
  return bytes;
}

/** Reads an unsigned number of 1, 2 or 4 bytes, in host order. */
export function readNumber(bytes: Buffer, offset: number, size: 1 | 2 | 4): number {
  return isLittle ? bytes.readUIntLE(offset, size) : bytes.readUIntBE(offset, size);
}

/** A text with the final NUL that the kernel expects. */
export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

/** Reads a text up to its NUL. */
export function readText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end === -1 ? bytes.length : end);
}

const padding = (length: number): number => (4 - (length % 4)) % 4;

/** Attributes in their binary form, each padded to four bytes. */
export function encodeAttributes(attributes: readonly Attribute[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { type, value, head } of attributes) {
    const inner = value instanceof Uint8Array ? value : encodeAttributes(value);
    const length = 4 + (head?.length ?? 0) + inner.length;
    parts.push(number(2, length), number(2, type));
    if (head !== undefined) parts.push(head);
    parts.push(inner, Buffer.alloc(padding(length)));
  }
  return Buffer.concat(parts);
}

/** A whole message: netlink header, the family's own header, attributes. */
export function encodeMessage(
  type: number,
  flags: number,
  sequence: number,
  header: Uint8Array,
  attributes: readonly Attribute[],
): Buffer {
  const body = encodeAttributes(attributes);
  const length = 16 + header.length + body.length;
  return Buffer.concat([
    number(4, length),
    number(2, type),
    number(2, flags),
    number(4, sequence),
    number(4, 0),
    header,
    body,
  ]);
}

/** The messages of one datagram. */
export function* decodeMessages(datagram: Buffer): Generator<Message> {
  let offset = 0;
  while (offset + 16 <= datagram.length) {
    const length = readNumber(datagram, offset, 4);
    if (length < 16 || offset + length > datagram.length) return;
    yield {
      type: readNumber(datagram, offset + 4, 2),
      flags: readNumber(datagram, offset + 6, 2),
      sequence: readNumber(datagram, offset + 8, 4),
      payload: datagram.subarray(offset + 16, offset + length),
    };
    offset += length + padding(length);
  }
}

/** Attributes by type, from `offset` on; of two with one type the last counts. */
export function decodeAttributes(bytes: Buffer, offset: number): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  let at = offset;
  while (at + 4 <= bytes.length) {
    const length = readNumber(bytes, at, 2);
    if (length < 4 || at + length > bytes.length) break;
    // The two highest bits tell of nesting and byte order and are no part of the type.
    attributes.set(readNumber(bytes, at + 2, 2) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += length + padding(length);
  }
  return attributes;
}
