import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { digestHex, isDigest } from "../../base/digests.ts";
import { hasCode, internal, invalid, notFound } from "../../base/errors.ts";
import type { BlobInfo, Blobs, BlobWriter } from "./blobs.ts";

const batchBytes = 1 << 20;

function inDocker(error: unknown, path: string): unknown {
  return hasCode(error, "ENOSPC") ? internal(`write ${path}: no space left on device`, { cause: error }) : error;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Writes a temporary file and gives it its name: see {@link BlobWriter}. */
class FileWriter implements BlobWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #store: { folder: string; path(digest: string): string };
  readonly #hash = createHash("sha256");
  readonly #hashes: boolean;
  #batch: Uint8Array[] = [];
  #batched = 0;
  #size = 0;
  #isOpen = true;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    file: FileHandle,
    hashes: boolean,
    store: { folder: string; path(digest: string): string },
  ) {
    this.#path = path;
    this.#file = file;
    this.#hashes = hashes;
    this.#store = store;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#hashes) this.#hash.update(chunk);
    this.#batch.push(chunk);
    this.#batched += chunk.length;
    if (this.#batched < batchBytes) return;
    // One batch is written while the next is filled.
    await this.#writing;
    this.#writing = this.#flush();
    this.#writing.catch(() => {});
  }

  async #flush(): Promise<void> {
    const [batch, size] = [this.#batch, this.#batched];
    this.#batch = [];
    this.#batched = 0;
    if (size === 0) return;
    try {
      const { bytesWritten } = await this.#file.writev(batch);
      for (let rest = Buffer.concat(bytesWritten < size ? batch : []).subarray(bytesWritten); rest.length > 0; ) {
        const written = await this.#file.write(rest);
        rest = rest.subarray(written.bytesWritten);
      }
    } catch (error) {
      throw inDocker(error, this.#path);
    }
    this.#size += size;
  }

  async commit(expected: { digest?: string; size?: number } = {}): Promise<BlobInfo> {
    try {
      await this.#writing;
      await this.#flush();
      const digest = this.#hashes ? `sha256:${this.#hash.digest("hex")}` : expected.digest;
      if (digest === undefined || !isDigest(digest)) throw new Error("a blob without a digest");
      if (expected.size !== undefined && expected.size !== this.#size) {
        throw invalid(`invalid size: expected ${expected.size}, got ${this.#size}`);
      }
      if (expected.digest !== undefined && expected.digest !== digest) {
        throw invalid(`invalid digest: expected ${expected.digest}, got ${digest}`);
      }
      const target = this.#store.path(digest);
      if (!existsSync(target)) {
        await this.#file.sync().catch((error: unknown) => Promise.reject(inDocker(error, this.#path)));
        await rename(this.#path, target);
        await syncFolder(this.#store.folder);
      }
      return { digest, size: this.#size };
    } finally {
      await this.abort();
    }
  }

  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#writing.catch(() => {});
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

/** Opens the blobs in the folder `root`, created (0700) where missing. */
export async function openBlobs(root: string): Promise<Blobs> {
  const folder = join(root, "sha256");
  const temporary = join(root, "tmp");
  for (const path of [folder, temporary]) await mkdir(path, { recursive: true, mode: 0o700 });
  const path = (digest: string): string => {
    if (!isDigest(digest)) throw invalid(`invalid digest ${digest}`);
    return join(folder, digestHex(digest));
  };
  const unknown = (digest: string) => (error: unknown) =>
    Promise.reject(hasCode(error, "ENOENT") ? notFound(`blob ${digest} not found`, { cause: error }) : error);
  const store: Blobs = {
    path,
    has: (digest) => existsSync(path(digest)),
    size: async (digest) => (await stat(path(digest)).catch(unknown(digest))).size,
    open: async (digest, range = {}) => {
      const file = await open(path(digest)).catch(unknown(digest));
      if (range.length === 0) {
        await file.close();
        return Readable.from([]);
      }
      const start = range.offset ?? 0;
      const end = range.length === undefined ? Number.POSITIVE_INFINITY : start + range.length - 1;
      return file.createReadStream({ start, end, highWaterMark: 256 * 1024 });
    },
    writer: async (options = {}) => {
      const name = join(temporary, randomBytes(8).toString("hex"));
      const file = await open(name, "wx", 0o600).catch((error: unknown) => Promise.reject(inDocker(error, name)));
      return new FileWriter(name, file, options.isHashed !== true, { folder, path });
    },
    put: async (source, expected) => {
      const writer = await store.writer();
      try {
        for await (const chunk of source) await writer.write(chunk);
        return await writer.commit(expected);
      } finally {
        await writer.abort();
      }
    },
    delete: (digest) => rm(path(digest), { force: true }),
    list: async function* () {
      for (const name of await readdir(folder)) {
        const info = await stat(join(folder, name)).catch(() => undefined);
        if (info !== undefined) yield { digest: `sha256:${name}`, size: info.size };
      }
    },
    sweep: async () => {
      for (const name of await readdir(temporary)) await rm(join(temporary, name), { force: true });
    },
  };
  return store;
}
