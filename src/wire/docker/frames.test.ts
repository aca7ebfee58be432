import assert from "node:assert/strict";
import { test } from "node:test";
import { type Frame, frame, frameLines, openFrameReader } from "./frames.ts";

function read(bytes: Buffer, pieceLength: number): Frame[] {
  const frames: Frame[] = [];
  const take = openFrameReader((piece) => frames.push({ stream: piece.stream, data: Buffer.from(piece.data) }));
  for (let at = 0; at < bytes.length; at += pieceLength) take(bytes.subarray(at, at + pieceLength));
  return frames;
}

test("a frame is eight bytes of header and the data", () => {
  assert.deepEqual(frame("stderr", Buffer.from("ab")), Buffer.from([2, 0, 0, 0, 0, 0, 0, 2, 97, 98]));
  assert.deepEqual(frame("stdout", Buffer.alloc(0)), Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
});

test("lines become frames of their own", () => {
  const text = (frames: Frame[]): string[] => frames.map(({ data }) => data.toString());
  assert.deepEqual(text(read(frameLines("stdout", Buffer.from("a\n\nbc\nd")), 4096)), ["a\n", "\n", "bc\n", "d"]);
  assert.deepEqual(text(read(frameLines("stdout", Buffer.from("one\n")), 4096)), ["one\n"]);
});

test("a reader finds the frames however the bytes are cut", () => {
  const all = Buffer.concat([
    frame("stdout", Buffer.from("hello")),
    frame("stderr", Buffer.alloc(0)),
    frame("stdin", Buffer.alloc(70_000, 7)),
    frame("stderr", Buffer.from("end")),
  ]);
  for (const length of [1, 3, 8, 9, 4096, all.length]) {
    const frames = read(all, length);
    assert.deepEqual(
      frames.map(({ stream, data }) => [stream, data.length]),
      [
        ["stdout", 5],
        ["stderr", 0],
        ["stdin", 70_000],
        ["stderr", 3],
      ],
    );
  }
});

test("a stream that does not exist is refused", () => {
  assert.throws(() => read(Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]), 8), /unrecognized stream: 9/);
});
