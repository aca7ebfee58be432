/** The stream of 8-byte headed frames in which a container's output travels when it has no terminal. */
import { EscaleError } from "../base/errors.ts";

/** A piece of one of the streams. */
export interface Frame {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

const headerBytes = 8;

/**
 * Splits a stream of frames. Pieces are handed on as they come: a frame of the wire may become several here, so that
 * nothing is held back or copied. A frame of the daemon's own error stream is thrown.
 */
export async function* readFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame, void, undefined> {
  let header: Buffer = Buffer.alloc(0);
  let kind = 0;
  let left = 0;
  let failure = "";
  for await (const piece of source) {
    let at = 0;
    while (at < piece.length) {
      if (left === 0) {
        const need = headerBytes - header.length;
        header = Buffer.concat([header, piece.subarray(at, at + need)]);
        at = Math.min(piece.length, at + need);
        if (header.length < headerBytes) break;
        kind = header[0]!;
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        if (kind > 3) throw new EscaleError("internal", `Unrecognized input header: ${kind}`);
        continue;
      }
      const data = piece.subarray(at, at + left);
      at += data.length;
      left -= data.length;
      if (kind === 3) {
        failure += data.toString();
        if (left === 0) throw new EscaleError("internal", `error from daemon in stream: ${failure}`);
      } else {
        yield { stream: kind === 2 ? "stderr" : "stdout", data };
      }
    }
  }
}
