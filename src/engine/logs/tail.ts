import type { FileHandle } from "node:fs/promises";
import { eachRecord } from "./k8s-record.ts";

const blockSize = 64 * 1024;
const newline = 10;

/**
 * Where to begin reading so that the last `lines` lines are given (-1: all, 0: none). Reads backwards in blocks, and
 * only as far as it must. A last line without an end counts as a line.
 */
export async function tailStart(file: FileHandle, lines: number): Promise<number> {
  if (lines < 0) return 0;
  const { size } = await file.stat();
  if (lines === 0) return size;
  let end = size;
  let rest: Buffer = Buffer.alloc(0);
  let counted = 0;
  for (let isLastBlock = true; end > 0; isLastBlock = false) {
    const start = Math.max(0, end - blockSize);
    const block = Buffer.allocUnsafe(end - start);
    await file.read(block, 0, block.length, start);
    const text = rest.length === 0 ? block : Buffer.concat([block, rest]);
    // The first line of a block may have begun before it: it waits for the block before.
    const first = start === 0 ? 0 : text.indexOf(newline) + 1;
    if (start > 0 && first === 0) {
      rest = text;
      end = start;
      continue;
    }
    const ends: { after: number; isPartial: boolean }[] = [];
    eachRecord(text.subarray(first), (_stream, isPartial, _start, _text, at) =>
      ends.push({ after: first + at + 1, isPartial }),
    );
    if (isLastBlock && ends.at(-1)?.isPartial) counted++;
    for (const record of ends.reverse()) {
      if (record.isPartial) continue;
      // The end of the line before the wanted ones.
      if (counted === lines) return start + record.after;
      counted++;
    }
    rest = text.subarray(0, first);
    end = start;
  }
  return 0;
}
