import { type FileHandle, open } from "node:fs/promises";
import { hasCode } from "../../base/errors.ts";
import { FileChanges } from "./file-changes.ts";
import { eachRecord, RecordClock } from "./k8s-record.ts";
import type { LogChunk, LogReadOptions } from "./logs.ts";
import { tailStart } from "./tail.ts";

const blockSize = 256 * 1024;
/** Docker cuts lines longer than this in pieces, each with a time of its own when times are asked for. */
export const longestPiece: number = 16 * 1024;

/** Gathers text of one stream until the other speaks. */
class ChunkBuilder {
  readonly #chunks: LogChunk[] = [];
  #stream: LogChunk["stream"] = "stdout";
  #buffer = Buffer.allocUnsafe(blockSize);
  #length = 0;

  append(stream: LogChunk["stream"], source: Buffer, start: number, end: number): void {
    const size = end - start;
    if (stream !== this.#stream || this.#length + size > this.#buffer.length) this.#cut(stream, size);
    source.copy(this.#buffer, this.#length, start, end);
    this.#length += size;
  }

  #cut(stream: LogChunk["stream"], size: number): void {
    if (this.#length > 0) this.#chunks.push({ stream: this.#stream, data: this.#buffer.subarray(0, this.#length) });
    // What is left of the buffer serves on: chunks never overlap.
    this.#buffer = this.#buffer.subarray(this.#length);
    if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafe(Math.max(blockSize, size));
    this.#length = 0;
    this.#stream = stream;
  }

  take(): LogChunk[] {
    this.#cut(this.#stream, 1);
    return this.#chunks.splice(0);
  }
}

/** Chooses records and puts times before lines; keeps what is known of a line over blocks. */
class Selection {
  readonly #options: LogReadOptions;
  readonly #clock = new RecordClock();
  readonly #builder = new ChunkBuilder();
  readonly #isPlain: boolean;
  /** Per stream: bytes of the present line so far, its time as text, and whether it is wanted. */
  readonly #lines = {
    stdout: { length: 0, time: Buffer.alloc(0), isWanted: true },
    stderr: { length: 0, time: Buffer.alloc(0), isWanted: true },
  };
  isPastUntil = false;

  constructor(options: LogReadOptions) {
    this.#options = options;
    this.#isPlain = !options.timestamps && options.since === 0n && options.until === 0n;
  }

  /** Takes the whole records of a block; gives where the first unfinished one starts. */
  feed(block: Buffer): number {
    const { stdout, stderr } = this.#options;
    if (!this.#isPlain) return this.#feedWithTimes(block);
    return eachRecord(block, (stream, isPartial, _start, text, newline) => {
      if (!(stream === "stdout" ? stdout : stderr)) return;
      this.#builder.append(stream, block, text, isPartial ? newline : newline + 1);
    });
  }

  #feedWithTimes(block: Buffer): number {
    const { since, until, timestamps } = this.#options;
    return eachRecord(block, (stream, isPartial, start, text, newline) => {
      if (this.isPastUntil) return;
      const line = this.#lines[stream];
      if (line.length === 0) {
        const nanos = this.#clock.nanos(block, start);
        if (until !== 0n && nanos > until) {
          this.isPastUntil = true;
          return;
        }
        line.isWanted = this.#options[stream] && nanos >= since;
        if (timestamps && line.isWanted) line.time = Buffer.from(`${fixedTime(nanos)} `, "latin1");
      }
      const end = isPartial ? newline : newline + 1;
      if (line.isWanted) this.#appendLine(stream, block, text, end, line);
      line.length = isPartial ? line.length + (newline - text) : 0;
    });
  }

  #appendLine(
    stream: LogChunk["stream"],
    block: Buffer,
    start: number,
    end: number,
    line: { length: number; time: Buffer },
  ): void {
    if (!this.#options.timestamps) {
      this.#builder.append(stream, block, start, end);
      return;
    }
    let { length } = line;
    let at = start;
    do {
      const isNewPiece = length % longestPiece === 0;
      // The newline alone does not begin a piece: it ends the one before.
      if (isNewPiece && !(length > 0 && end - at === 1)) this.#builder.append(stream, line.time, 0, line.time.length);
      const size = Math.min(longestPiece - (length % longestPiece), end - at);
      const isLast = at + size >= end - 1;
      this.#builder.append(stream, block, at, isLast ? end : at + size);
      length += size;
      at = isLast ? end : at + size;
    } while (at < end);
  }

  take(): LogChunk[] {
    return this.#builder.take();
  }
}

/** RFC 3339 in UTC with exactly nine digits of a second, as `docker logs -t` prints. */
function fixedTime(nanos: bigint): string {
  const second = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19);
  return `${second}.${(nanos % 1_000_000_000n).toString().padStart(9, "0")}Z`;
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/**
 * Reads a container's log from its k8s-file at `path`; an absent file is an empty log. Holds one block of 256 KiB and
 * what it gives out. A follower goes over to the new file when the log is renamed and begun anew.
 */
export async function* readLogs(path: string, options: LogReadOptions): AsyncIterable<LogChunk> {
  using changes = new FileChanges(options.follow ? path : undefined);
  const isAborted = (): boolean => options.signal?.aborted === true;
  let isEnded = false;
  const stopped = Promise.race([
    options.ended ?? new Promise<void>(() => undefined),
    new Promise<void>((resolve) => options.signal?.addEventListener("abort", () => resolve(), { once: true })),
  ]).then(() => {
    isEnded = true;
  });
  const selection = new Selection(options);
  let file = await openLog(path);
  try {
    let position = file === undefined ? 0 : await tailStart(file, options.tail);
    let rest: Buffer = Buffer.alloc(0);
    while (!isAborted() && !selection.isPastUntil) {
      // Seen before the read: what was written until the end is then read too.
      const wasEnded = isEnded;
      changes.reset();
      const block: Buffer = file === undefined ? Buffer.alloc(0) : await readBlock(file, position);
      if (block.length > 0) {
        const whole = rest.length === 0 ? block : Buffer.concat([rest, block]);
        position += block.length;
        const done = selection.feed(whole);
        rest = whole.subarray(done);
        yield* selection.take();
        continue;
      }
      if (!options.follow || wasEnded) return;
      if (file === undefined || changes.wasRenamed) {
        const newer = await openLog(path);
        if (newer !== undefined && !(await isSameFile(newer, file))) {
          await file?.close();
          file = newer;
          position = 0;
          rest = Buffer.alloc(0);
          changes.watchAgain();
          continue;
        }
        await newer?.close();
      }
      await Promise.race([changes.next(), stopped]);
    }
  } finally {
    await file?.close();
  }
}

async function readBlock(file: FileHandle, position: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(blockSize);
  const { bytesRead } = await file.read(block, 0, blockSize, position);
  return block.subarray(0, bytesRead);
}

async function isSameFile(one: FileHandle, other: FileHandle | undefined): Promise<boolean> {
  if (other === undefined) return false;
  return (await one.stat()).ino === (await other.stat()).ino;
}
