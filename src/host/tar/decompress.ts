import { spawn } from "node:child_process";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { hasCode, invalid, unavailable } from "../../base/errors.ts";

/** How an archive is compressed. */
export type Compression = "gzip" | "zstd" | "xz" | "bzip2" | "none";

const magics: readonly (readonly [Compression, Buffer])[] = [
  ["gzip", Buffer.from([0x1f, 0x8b])],
  ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ["bzip2", Buffer.from("BZh")],
];

/** Tells the compression from the first bytes (at least 6 where there are as many). */
export function compressionOf(head: Buffer): Compression {
  for (const [name, magic] of magics) {
    if (head.subarray(0, magic.length).equals(magic)) return name;
  }
  return "none";
}

/** Gives the first bytes of a stream (fewer if it is shorter) and a stream of all of it. */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Buffer; whole: AsyncIterable<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  for (let have = 0; have < length; ) {
    const next = await iterator.next();
    if (next.done) break;
    const chunk = Buffer.from(next.value.buffer as ArrayBuffer, next.value.byteOffset, next.value.length);
    first.push(chunk);
    have += chunk.length;
  }
  const head = first.length === 1 ? first[0]! : Buffer.concat(first);
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      for (;;) {
        const next = await iterator.next();
        if (next.done) return;
        yield Buffer.from(next.value.buffer as ArrayBuffer, next.value.byteOffset, next.value.length);
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head, whole: whole() };
}

function throughProgram(program: string, packageName: string, source: AsyncIterable<Buffer>): Readable {
  const child = spawn(program, ["-dc"], { stdio: ["pipe", "pipe", "ignore"] });
  const out = new PassThrough({ highWaterMark: 1 << 18 });
  child.once("error", (error) => {
    const missing = unavailable(`${program} is needed to read this archive and is not installed`, {
      cause: error,
      hint: `apt-get install ${packageName}`,
    });
    out.destroy(hasCode(error, "ENOENT") ? missing : error);
  });
  child.once("close", (code) => {
    if (code !== 0) out.destroy(invalid("unexpected EOF"));
    else out.end();
  });
  child.stdout.pipe(out, { end: false });
  out.once("close", () => child.kill("SIGKILL"));
  pipeline(Readable.from(source), child.stdin).catch((error: unknown) => {
    if (!hasCode(error, "EPIPE", "ERR_STREAM_PREMATURE_CLOSE")) out.destroy(error as Error);
  });
  return out;
}

async function* throughZlib(kind: "gzip" | "zstd", source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unzip = kind === "gzip" ? createGunzip({ chunkSize: 1 << 18 }) : createZstdDecompress({ chunkSize: 1 << 18 });
  let failure: unknown;
  // An error of the source is told as it is, one of the decompressor as Docker tells it.
  async function* guarded(): AsyncGenerator<Buffer> {
    try {
      yield* source;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const feeding = pipeline(Readable.from(guarded(), { objectMode: false }), unzip).catch(() => {});
  try {
    for await (const chunk of unzip) yield chunk as Buffer;
  } catch (error) {
    if (failure !== undefined) throw failure;
    if (hasCode(error, "Z_BUF_ERROR")) throw invalid("unexpected EOF", { cause: error });
    throw error instanceof Error && "code" in error ? invalid(`${kind}: invalid data`, { cause: error }) : error;
  } finally {
    unzip.destroy();
    await feeding;
  }
}

/**
 * The uncompressed bytes of a stream that may be compressed by gzip, zstd, xz or bzip2. Errors: invalid
 * `unexpected EOF` when it is cut off, unavailable when the program for the format is missing.
 */
export async function decompress(source: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Buffer>> {
  const { head, whole } = await peek(source, 6);
  const compression = compressionOf(head);
  if (compression === "gzip" || compression === "zstd") return throughZlib(compression, whole);
  if (compression === "xz") return throughProgram("xz", "xz-utils", whole);
  if (compression === "bzip2") return throughProgram("bzip2", "bzip2", whole);
  return whole;
}
