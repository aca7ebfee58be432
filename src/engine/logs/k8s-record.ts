/**
 * The k8s-file format, in which conmon writes a container's output, one record a line:
 *
 *     2026-01-02T03:04:05.678901234+00:00 stdout F the text of a whole line, or its end
 *     2026-01-02T03:04:05.678901234+00:00 stderr P a piece of a line that goes on (the newline is not part of it)
 */

/** Told of each whole record of a block: where its time, text and newline are. */
export type RecordListener = (
  stream: "stdout" | "stderr",
  isPartial: boolean,
  /** Where the record, and so its time, starts. */
  start: number,
  /** Where the text starts. */
  text: number,
  /** Where the record's newline is: the end of the text. */
  newline: number,
) => void;

const newline = 10;
const blank = 32;
const letterP = 80;
const letterE = 101;
/** Of "stdout" and "stderr", the fourth letter tells which. */
const tellingLetter = 3;
const streamLength = 6;

/** Calls `listener` for each whole record of `block`; gives where the first unfinished record starts. */
export function eachRecord(block: Buffer, listener: RecordListener): number {
  let start = 0;
  for (;;) {
    const end = block.indexOf(newline, start);
    if (end === -1) return start;
    const afterTime = block.indexOf(blank, start);
    const tag = afterTime + 1 + streamLength + 1;
    // A torn line, as a full disk leaves it, has no such shape: it is passed over.
    if (afterTime !== -1 && tag + 2 <= end + 1 && block[tag + 1] === blank) {
      const stream = block[afterTime + 1 + tellingLetter] === letterE ? "stderr" : "stdout";
      listener(stream, block[tag] === letterP, start, tag + 2, end);
    }
    start = end + 1;
  }
}

/** Reads the times of records; most of them share a second with the one before. */
export class RecordClock {
  #second = "";
  #secondNanos = 0n;

  /** Nanoseconds since 1970 of the record that starts at `start`. */
  nanos(block: Buffer, start: number): bigint {
    const second = block.toString("latin1", start, start + 19);
    const zoneAt = start + 29;
    const zone = block.toString("latin1", zoneAt, block.indexOf(blank, start));
    const key = second + zone;
    if (key !== this.#second) {
      this.#second = key;
      this.#secondNanos = BigInt(Date.parse(key)) * 1_000_000n;
    }
    return this.#secondNanos + BigInt(block.toString("latin1", start + 20, zoneAt));
  }
}
