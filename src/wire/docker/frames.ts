/**
 * Docker's framing of several streams over one connection: before each piece 8 bytes, `[stream, 0, 0, 0, length]`
 * with the length as 32 bits, most significant byte first.
 */

/** The streams that a frame can belong to. */
export type FrameStream = "stdin" | "stdout" | "stderr";

const numberOf: Readonly<Record<FrameStream, number>> = { stdin: 0, stdout: 1, stderr: 2 };
const headerLength = 8;
const newline = 10;

/** One piece with its header. */
export function frame(stream: FrameStream, data: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(headerLength + data.length);
  framed.writeUInt32BE(numberOf[stream] * 0x1000000, 0);
  framed.writeUInt32BE(data.length, 4);
  framed.set(data, headerLength);
  return framed;
}

/** Each line of `data` (with its newline) as a piece of its own, as clients that read logs by piece expect. */
export function frameLines(stream: FrameStream, data: Buffer): Buffer {
  const first = data.indexOf(newline);
  if (first === -1 || first === data.length - 1) return frame(stream, data);
  let lines = 0;
  for (let at = 0; at < data.length; at = lineEnd(data, at)) lines += 1;
  const framed = Buffer.allocUnsafe(data.length + lines * headerLength);
  const word = numberOf[stream] * 0x1000000;
  let to = 0;
  for (let at = 0; at < data.length; ) {
    const end = lineEnd(data, at);
    framed.writeUInt32BE(word, to);
    framed.writeUInt32BE(end - at, to + 4);
    data.copy(framed, to + headerLength, at, end);
    to += headerLength + end - at;
    at = end;
  }
  return framed;
}

function lineEnd(data: Buffer, from: number): number {
  const at = data.indexOf(newline, from);
  return at === -1 ? data.length : at + 1;
}

/** A piece as it came. */
export interface Frame {
  readonly stream: FrameStream;
  readonly data: Buffer;
}

const streamOf: readonly (FrameStream | undefined)[] = ["stdin", "stdout", "stderr"];

/**
 * Takes bytes as they come and gives the pieces that are complete, through `piece`; parts of one that is not complete
 * are held until the rest comes. Throws for a stream number that does not exist.
 */
export function openFrameReader(piece: (frame: Frame) => void): (bytes: Buffer) => void {
  let held: Buffer[] = [];
  let heldLength = 0;
  let needed = headerLength;
  return (bytes) => {
    held.push(bytes);
    heldLength += bytes.length;
    if (heldLength < needed) return;
    let all = held.length === 1 ? bytes : Buffer.concat(held, heldLength);
    for (;;) {
      needed = all.length < headerLength ? headerLength : headerLength + all.readUInt32BE(4);
      if (all.length < needed || all.length < headerLength) break;
      const stream = streamOf[all[0] ?? 255];
      if (stream === undefined) throw new Error(`unrecognized stream: ${all[0]}`);
      piece({ stream, data: all.subarray(headerLength, needed) });
      all = all.subarray(needed);
    }
    held = all.length === 0 ? [] : [all];
    heldLength = all.length;
  };
}
