/**
 * The json-file that log shippers read: `{"log":"text\n","stream":"stdout","time":"…"}` a line, written from the
 * k8s-file that conmon writes. Beside it a small state file says how far both are; after a kill of the daemon the
 * json-file is cut back to that and goes on without loss or doubles.
 */
import { type FileHandle, open, readFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { rfc3339Nano } from "../../base/clock.ts";
import { hasCode } from "../../base/errors.ts";
import { FileChanges } from "./file-changes.ts";
import { eachRecord, RecordClock } from "./k8s-record.ts";
import { longestPiece } from "./read.ts";

const blockSize = 256 * 1024;
/** How long output is gathered before it is written, in milliseconds: shippers poll at this pace or slower. */
const pace = 500;

/** How far the mirror is: bytes of the k8s-file that stand in the json-file, and the json-file's size then. */
interface Progress {
  readonly source: number;
  readonly mirror: number;
}

/** A line that has begun: its text so far and the time of its first piece. */
interface OpenLine {
  readonly pieces: Buffer[];
  length: number;
  time: string;
}

/** Keeps a json-file the same as a k8s-file. */
export class JsonMirror {
  readonly #source: string;
  readonly #mirror: string;
  readonly #stop = new AbortController();
  readonly #stopped = new Promise<void>((resolve) => {
    this.#stop.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  readonly #clock = new RecordClock();
  #running: Promise<void> = Promise.resolve();
  #isDropped = false;
  readonly #changes: FileChanges;

  constructor(source: string, mirror: string, onError: (error: unknown) => void) {
    this.#source = source;
    this.#mirror = mirror;
    this.#changes = new FileChanges(source);
    this.#running = this.#run().catch(onError);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await Promise.race([this.#changes.next(), this.#stopped]);
      if (!this.#stop.signal.aborted)
        await sleep(pace, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
      this.#changes.reset();
      if (this.#stop.signal.aborted) return;
      await this.#catchUp(false);
      if (this.#changes.wasRenamed) this.#changes.watchAgain();
    }
  }

  /** Writes what is left, the unfinished last line too; for a container that has ended. */
  finish(): Promise<void> {
    this.#stop.abort();
    this.#changes[Symbol.dispose]();
    this.#running = this.#running.then(() => this.#catchUp(true));
    return this.#running;
  }

  /** Stops at the next block without writing more; another mirror can go on from there. */
  async stop(): Promise<void> {
    this.#isDropped = true;
    this.#stop.abort();
    this.#changes[Symbol.dispose]();
    await this.#running;
  }

  async #catchUp(isLast: boolean): Promise<void> {
    if (this.#isDropped) return;
    const source = await openIfThere(this.#source);
    if (source === undefined) return;
    try {
      const progress = await this.#readProgress();
      const { size } = await source.stat();
      if (size <= progress.source) return;
      const mirror = await open(this.#mirror, "a", 0o640);
      try {
        await mirror.truncate(progress.mirror);
        await this.#copy(source, mirror, progress, isLast);
      } finally {
        await mirror.close();
      }
    } finally {
      await source.close();
    }
  }

  async #copy(source: FileHandle, mirror: FileHandle, from: Progress, isLast: boolean): Promise<void> {
    const open: Record<"stdout" | "stderr", OpenLine> = {
      stdout: { pieces: [], length: 0, time: "" },
      stderr: { pieces: [], length: 0, time: "" },
    };
    let { source: position, mirror: size } = from;
    const block = Buffer.allocUnsafe(blockSize);
    let rest: Buffer = Buffer.alloc(0);
    while (!this.#isDropped) {
      const { bytesRead } = await source.read(block, 0, blockSize, position);
      if (bytesRead === 0) break;
      const whole = Buffer.concat([rest, block.subarray(0, bytesRead)]);
      const base = position - rest.length;
      position += bytesRead;
      const lines: string[] = [];
      const done = eachRecord(whole, (stream, isPartial, start, text, newline) => {
        const line = open[stream];
        if (line.length === 0) line.time = rfc3339Nano(this.#clock.nanos(whole, start));
        const piece = whole.subarray(text, isPartial ? newline : newline + 1);
        line.pieces.push(Buffer.from(piece));
        line.length += piece.length;
        if (!isPartial || line.length >= longestPiece) lines.push(...entriesOf(stream, line, !isPartial));
      });
      rest = Buffer.from(whole.subarray(done));
      const written = Buffer.from(lines.join(""));
      if (written.length > 0) await mirror.appendFile(written);
      size += written.length;
      // Only where no line is open can a later mirror go on.
      if (open.stdout.length === 0 && open.stderr.length === 0)
        await this.#writeProgress({ source: base + done, mirror: size });
    }
    if (!isLast || this.#isDropped) return;
    const last = (["stdout", "stderr"] as const).flatMap((stream) => entriesOf(stream, open[stream], true)).join("");
    if (last === "") return;
    await mirror.appendFile(last);
    await this.#writeProgress({ source: position - rest.length, mirror: size + Buffer.byteLength(last) });
  }

  async #readProgress(): Promise<Progress> {
    try {
      return JSON.parse(await readFile(`${this.#mirror}.state`, "utf8")) as Progress;
    } catch (error) {
      // A state file that a full disk cut short is as good as none: the mirror is written anew.
      if (hasCode(error, "ENOENT") || error instanceof SyntaxError) return { source: 0, mirror: 0 };
      throw error;
    }
  }

  async #writeProgress(progress: Progress): Promise<void> {
    const temporary = `${this.#mirror}.state.new`;
    await writeFile(temporary, JSON.stringify(progress));
    await rename(temporary, `${this.#mirror}.state`);
  }
}

/** Takes the finished pieces of a line, all of it where it has ended, as json-file entries. */
function entriesOf(stream: "stdout" | "stderr", line: OpenLine, hasEnded: boolean): string[] {
  if (line.length === 0) return [];
  const text = line.pieces.length === 1 ? (line.pieces[0] as Buffer) : Buffer.concat(line.pieces);
  const entries: string[] = [];
  let at = 0;
  // A newline alone does not make an entry of its own.
  while (text.length - at > longestPiece + 1 || (!hasEnded && text.length - at >= longestPiece)) {
    entries.push(entry(stream, text.subarray(at, at + longestPiece), line.time));
    at += longestPiece;
  }
  const left = text.subarray(at);
  if (hasEnded && left.length > 0) entries.push(entry(stream, left, line.time));
  const keeps = !hasEnded && left.length > 0;
  line.pieces.length = 0;
  line.length = 0;
  if (keeps) {
    line.pieces.push(Buffer.from(left));
    line.length = left.length;
  }
  return entries;
}

function entry(stream: "stdout" | "stderr", text: Buffer, time: string): string {
  const log = JSON.stringify(text.toString("utf8")).replace(/[<>&\u2028\u2029]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `{"log":${log},"stream":"${stream}","time":"${time}"}\n`;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
