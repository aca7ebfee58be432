import type { Readable } from "node:stream";
import { invalid } from "../base/errors.ts";

/** Reads a stream to its end. Errors: invalid when it holds more than `limit` bytes, or breaks off. */
export async function readAll(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw invalid("http: request body too large");
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error) throw invalid("unexpected EOF", { cause: error });
    throw error;
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** Takes pieces until it can tell the body from what follows; undefined: more is needed. */
type Splitter = (bytes: Buffer) => { body: Buffer; rest: Buffer } | undefined;

function byLength(length: number): Splitter {
  return (bytes) =>
    bytes.length < length ? undefined : { body: bytes.subarray(0, length), rest: bytes.subarray(length) };
}

const chunked: Splitter = (bytes) => {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const endOfLine = bytes.indexOf("\r\n", at);
    if (endOfLine === -1) return undefined;
    const size = /^([0-9a-f]{1,8})\s*(;|$)/i.exec(bytes.toString("latin1", at, endOfLine));
    if (size === null) throw invalid("invalid byte in chunk length");
    const length = Number.parseInt(size[1] ?? "", 16);
    const start = endOfLine + 2;
    if (length === 0) {
      // Trailers end in an empty line, which follows at once when there are none.
      const end = bytes.subarray(start, start + 2).toString() === "\r\n" ? start : bytes.indexOf("\r\n\r\n", start) + 2;
      if (end < start || bytes.length < end + 2) return undefined;
      return { body: Buffer.concat(parts), rest: bytes.subarray(end + 2) };
    }
    if (bytes.length < start + length + 2) return undefined;
    parts.push(bytes.subarray(start, start + length));
    at = start + length + 2;
  }
};

/**
 * Reads the body of a request that asks for an upgrade: Node hands its bytes over undivided, as `head` and on the socket.
 * What follows the body is put back on the socket. Errors: invalid when it is broken or longer than `limit`.
 */
export async function readUpgradeBody(
  socket: Readable,
  head: Buffer,
  headers: { readonly "content-length"?: string | undefined; readonly "transfer-encoding"?: string | undefined },
  limit: number,
): Promise<Buffer> {
  const isChunked = /chunked/i.test(headers["transfer-encoding"] ?? "");
  const length = Number(headers["content-length"] ?? 0);
  if (length > limit) throw invalid("http: request body too large");
  const split = isChunked ? chunked : byLength(length);
  let bytes = head;
  for (;;) {
    const done = split(bytes);
    if (done !== undefined) {
      if (done.rest.length > 0) socket.unshift(done.rest);
      return done.body;
    }
    if (bytes.length > limit) throw invalid("http: request body too large");
    bytes = Buffer.concat([bytes, await nextPiece(socket)]);
  }
}

function nextPiece(socket: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      const piece: Buffer | null = socket.read();
      if (piece === null && !socket.destroyed && !socket.readableEnded) return;
      socket.removeListener("readable", settle);
      for (const event of ["end", "close"]) socket.removeListener(event, settle);
      if (piece !== null) resolve(piece);
      else reject(invalid("unexpected EOF"));
    };
    socket.on("readable", settle);
    for (const event of ["end", "close"]) socket.on(event, settle);
    settle();
  });
}
