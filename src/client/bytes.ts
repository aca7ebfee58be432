import type { Socket } from "node:net";

/** Bytes waiting above which the socket is asked to stop sending. */
const highWater = 1 << 20;

/**
 * Reads a socket piece by piece, with back pressure: what nobody has asked for stays in the kernel. After the end it
 * gives null for ever; after an error it throws that error once everything before it was read.
 */
export class ByteReader {
  readonly #socket: Socket;
  readonly #pieces: Buffer[] = [];
  #waiting = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onEnd);
    socket.on("error", this.#onError);
  }

  readonly #onData = (piece: Buffer): void => {
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting > highWater) this.#socket.pause();
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  readonly #onError = (error: Error): void => {
    this.#error ??= error;
    this.#wake?.();
  };

  /** Whether the other side has ended or broken the connection, or sent what nobody asked for. */
  get isSpent(): boolean {
    return this.#ended || this.#error !== undefined || this.#pieces.length > 0;
  }

  /** Whether a piece, the end or an error can be had without waiting. */
  get isReady(): boolean {
    return this.#pieces.length > 0 || this.#ended || this.#error !== undefined;
  }

  /** The next piece, as it came; null at the end. */
  async read(): Promise<Buffer | null> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#waiting -= piece.length;
        if (this.#waiting <= highWater && this.#socket.isPaused()) this.#socket.resume();
        return piece;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  /** Puts bytes back in front: they are read next. */
  unread(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.unshift(piece);
    this.#waiting += piece.length;
  }
}
