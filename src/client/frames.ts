/** The stream of 8-byte headed frames in which a container's output travels when it has no terminal. */
import { EscaleError } from "../base/errors.ts";

/** A piece of one of the streams. */
export interface Frame {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

const headerBytes = 8;

/**
 * Splits a stream of frames. What has arrived is handed on at once: a frame of the wire may become several here, and
 * frames of the same stream that arrived together become one, so that small ones do not cost a write each. A frame of
 * the daemon's own errors is thrown.
 */
export async function* readFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame, void, undefined> {
  const splitter = new FrameSplitter();
  for await (const piece of source) yield* splitter.split(piece);
}

class FrameSplitter {
  #header: Buffer = Buffer.alloc(0);
  #kind = 0;
  #left = 0;
  #failure = "";

  /** The frames that a piece completes or continues. */
  split(piece: Buffer): Frame[] {
    const frames: Frame[] = [];
    let parts: Buffer[] = [];
    let current: Frame["stream"] = "stdout";
    const flush = (): void => {
      if (parts.length > 0)
        frames.push({ stream: current, data: parts.length === 1 ? parts[0]! : Buffer.concat(parts) });
      parts = [];
    };
    let at = 0;
    while (at < piece.length) {
      if (this.#left === 0) {
        at = this.#readHeader(piece, at);
        continue;
      }
      const data = piece.subarray(at, at + this.#left);
      at += data.length;
      this.#left -= data.length;
      if (this.#kind === 3) {
        this.#failure += data.toString();
        if (this.#left === 0) throw new EscaleError("internal", `error from daemon in stream: ${this.#failure}`);
        continue;
      }
      const stream = this.#kind === 2 ? "stderr" : "stdout";
      if (stream !== current) flush();
      current = stream;
      parts.push(data);
    }
    flush();
    return frames;
  }

  #readHeader(piece: Buffer, at: number): number {
    const need = headerBytes - this.#header.length;
    this.#header = Buffer.concat([this.#header, piece.subarray(at, at + need)]);
    if (this.#header.length === headerBytes) {
      this.#kind = this.#header[0]!;
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
      if (this.#kind > 3) throw new EscaleError("internal", `Unrecognized input header: ${this.#kind}`);
    }
    return Math.min(piece.length, at + need);
  }
}
