/** The person's terminal or pipes joined to a connection to a container. */

import { messageOf } from "../../base/errors.ts";
import { type Connection, drained, readFrames } from "../../client/index.ts";
import { detachFilter, parseDetachKeys } from "./detach-keys.ts";
import type { Input, Output, Streams } from "./streams.ts";

/** Which streams to join, and how. */
export interface AttachmentOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** The container has a terminal: its output is one stream, and keys go to it as they are typed. */
  readonly tty: boolean;
  readonly detachKeys: string;
  readonly signal?: AbortSignal;
}

/** How an attachment ended: the container's output came to its end, or the person typed the detach keys. */
export type AttachmentEnd = "ended" | "detached";

/** Passes data both ways until the output ends, the person detaches or `signal` aborts; the terminal is restored. */
export async function joinStreams(
  streams: Streams,
  connection: Connection,
  options: AttachmentOptions,
): Promise<AttachmentEnd> {
  const isRaw = options.tty && options.stdin && streams.in.isTerminal;
  const undoRaw = isRaw ? await streams.in.setRaw() : () => undefined;
  let isRestored = false;
  const restore = (): void => {
    if (!isRestored) undoRaw();
    isRestored = true;
  };
  try {
    const output = copyOutput(streams, connection, options);
    const input = options.stdin ? copyInput(streams, connection, options) : endInput(connection);
    const ends: Promise<AttachmentEnd>[] = [aborted(options.signal)];
    if (options.stdout || options.stderr) {
      ends.push(output, onlyDetached(input));
    } else {
      ends.push(input);
    }
    return await Promise.race(ends);
  } finally {
    restore();
    connection.close();
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

/** Resolves when the person detaches, and never when the input merely ends: output may still come. */
async function onlyDetached(input: Promise<AttachmentEnd>): Promise<AttachmentEnd> {
  const end = await input;
  return end === "detached" ? end : new Promise(() => undefined);
}

async function copyOutput(
  streams: Streams,
  connection: Connection,
  options: AttachmentOptions,
): Promise<AttachmentEnd> {
  const pieces = readPieces(connection);
  if (options.tty) {
    for await (const piece of pieces) streams.out.write(piece);
  } else {
    for await (const { stream, data } of readFrames(pieces)) {
      const target = stream === "stderr" ? streams.err : streams.out;
      const isWanted = stream === "stderr" ? options.stderr : options.stdout;
      if (isWanted) target.write(data);
    }
  }
  return "ended";
}

async function* readPieces(connection: Connection): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const piece = await connection.reader.read();
    if (piece === null) return;
    yield piece;
  }
}

async function endInput(connection: Connection): Promise<AttachmentEnd> {
  connection.socket.end();
  return "ended";
}

async function copyInput(streams: Streams, connection: Connection, options: AttachmentOptions): Promise<AttachmentEnd> {
  const filter = options.tty ? detachFilter(keysOf(options.detachKeys, streams.err)) : undefined;
  for await (const piece of piecesOf(streams.in)) {
    const passed = filter === undefined ? piece : filter(piece);
    if (passed === null) return "detached";
    if (connection.socket.destroyed) return "ended";
    if (passed.length > 0 && !connection.socket.write(passed)) await drained(connection.socket);
  }
  connection.socket.end();
  return "ended";
}

function keysOf(text: string, err: Output): readonly number[] {
  try {
    return parseDetachKeys(text);
  } catch (error) {
    err.write(`WARNING: invalid detach escape keys, using default: ${messageOf(error)}\n`);
    return parseDetachKeys("");
  }
}

async function* piecesOf(input: Input): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* input.read();
  } catch {
    // Input that breaks off has ended: the container sees its end, and its output goes on.
  }
}
