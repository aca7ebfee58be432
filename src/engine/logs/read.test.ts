import assert from "node:assert/strict";
import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { LogReadOptions } from "./logs.ts";
import { readLogs } from "./read.ts";

const all: LogReadOptions = {
  stdout: true,
  stderr: true,
  follow: false,
  tail: -1,
  since: 0n,
  until: 0n,
  timestamps: false,
};

const record = (second: number, stream: "stdout" | "stderr", tag: "F" | "P", text: string): string =>
  `2026-01-02T03:04:${String(second).padStart(2, "0")}.000000001+00:00 ${stream} ${tag} ${text}\n`;

async function withLog(text: string, body: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "escale-logs-"));
  try {
    const path = join(folder, "container.log");
    await writeFile(path, text);
    await body(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function read(path: string, options: Partial<LogReadOptions> = {}): Promise<string> {
  let text = "";
  for await (const chunk of readLogs(path, { ...all, ...options })) text += chunk.data.toString("latin1");
  return text;
}

const three =
  record(1, "stdout", "F", "one") +
  record(2, "stderr", "F", "two") +
  record(3, "stdout", "P", "thr") +
  record(4, "stdout", "F", "ee");

test("lines come back as they were printed, partial ones joined", () =>
  withLog(three, async (path) => {
    assert.equal(await read(path), "one\ntwo\nthree\n");
    assert.equal(await read(path, { stderr: false }), "one\nthree\n");
    assert.equal(await read(path, { stdout: false }), "two\n");
  }));

test("a log that is not there is empty", async () => {
  assert.equal(await read(join(tmpdir(), "escale-no-such-log")), "");
});

test("the tail counts whole lines, an unfinished one too", () =>
  withLog(three + record(5, "stdout", "P", "end"), async (path) => {
    assert.equal(await read(path, { tail: 0 }), "");
    assert.equal(await read(path, { tail: 1 }), "end");
    assert.equal(await read(path, { tail: 2 }), "three\nend");
    assert.equal(await read(path, { tail: 9 }), "one\ntwo\nthree\nend");
  }));

test("a long tail is read over many blocks", () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} ${"x".repeat(index % 90)}`);
  return withLog(lines.map((line) => record(1, "stdout", "F", line)).join(""), async (path) => {
    assert.equal(await read(path, { tail: 3000 }), `${lines.slice(2000).join("\n")}\n`);
    assert.equal(await read(path), `${lines.join("\n")}\n`);
  });
});

test("since and until choose by time", () =>
  withLog(three, async (path) => {
    const at = (second: number): bigint => BigInt(Date.UTC(2026, 0, 2, 3, 4, second)) * 1_000_000n;
    assert.equal(await read(path, { since: at(2) }), "two\nthree\n");
    assert.equal(await read(path, { until: at(2) + 5n }), "one\ntwo\n");
  }));

test("times stand before lines, and before each 16 KiB of a long one", async () => {
  await withLog(three, async (path) => {
    const text = await read(path, { timestamps: true });
    assert.equal(text.split("\n")[2], "2026-01-02T03:04:03.000000001Z three");
  });
  const piece = "y".repeat(8192);
  const long = record(1, "stdout", "P", piece) + record(1, "stdout", "P", piece) + record(1, "stdout", "F", "z");
  await withLog(long, async (path) => {
    const time = "2026-01-02T03:04:01.000000001Z ";
    assert.equal(await read(path, { timestamps: true }), `${time}${piece}${piece}${time}z\n`);
  });
});

test("bytes that are no text come back exactly", () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10));
  return withLog("", async (path) => {
    await writeFile(
      path,
      Buffer.concat([Buffer.from(record(1, "stdout", "F", "")).subarray(0, -1), bytes, Buffer.from("\n")]),
    );
    assert.equal(await read(path), `${bytes.toString("latin1")}\n`);
  });
});

test("a follower sees what comes, over a rotation, and stops when the container has ended", () =>
  withLog(record(1, "stdout", "F", "old"), async (path) => {
    const ended = Promise.withResolvers<void>();
    const following = read(path, { follow: true, ended: ended.promise });
    for (const word of ["a", "b", "c"]) {
      await sleep(20);
      await appendFile(path, record(2, "stdout", "F", word));
    }
    await rename(path, `${path}.1`);
    await writeFile(path, record(3, "stdout", "F", "new"));
    await sleep(50);
    await appendFile(path, record(3, "stdout", "F", "last"));
    ended.resolve();
    assert.equal(await following, "old\na\nb\nc\nnew\nlast\n");
  }));

test("a follower that is aborted stops", () =>
  withLog(record(1, "stdout", "F", "old"), async (path) => {
    const abort = new AbortController();
    const following = read(path, { follow: true, signal: abort.signal });
    await sleep(20);
    abort.abort();
    assert.equal(await following, "old\n");
  }));
