import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { invalid } from "../../base/errors.ts";
import { check } from "../libc.ts";
import { startTar } from "./gnu-tar.ts";
import { LayerFilter } from "./layer-filter.ts";
import { setxattr } from "./xattr.ts";

/** What unpacking a layer has found out. */
export interface UnpackedTar {
  /** Digest of the uncompressed archive. */
  readonly digest: string;
  /** Bytes of the uncompressed archive. */
  readonly archiveSize: number;
  /** Bytes of the files in it, as Docker counts a layer's size. */
  readonly size: number;
}

/** How to unpack. */
export interface UnpackOptions {
  /** Sees each uncompressed piece; unpacking waits for it. */
  readonly onChunk?: (chunk: Buffer) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Marks a folder of the unpacked tree as hiding what is below it. Goes down step by step: a link on the way may lead
 * anywhere. Names are bytes, which Node and koffi take as buffers, koffi with a NUL at the end.
 */
function makeOpaque(directory: string, folder: string): void {
  let path = Buffer.from(directory);
  for (const name of folder.split("/").filter((part) => part !== "")) {
    path = Buffer.concat([path, Buffer.from(`/${name}`, "latin1")]);
    const info = lstatSync(path, { throwIfNoEntry: false });
    if (info === undefined) mkdirSync(path, { mode: 0o755 });
    else if (!info.isDirectory()) throw invalid(`invalid whiteout entry ${JSON.stringify(`${folder}/.wh..wh..opq`)}`);
  }
  const result = setxattr(Buffer.concat([path, Buffer.alloc(1)]), "trusted.overlay.opaque", Buffer.from("y"), 1, 0);
  check(result, "lsetxattr", join(directory, folder));
}

/**
 * Unpacks the uncompressed archive of a layer into an empty folder by GNU tar, whiteouts as overlayfs takes them.
 * Nothing outside `directory` is touched, whatever the archive says. After an error the folder holds anything.
 * Errors: invalid with Docker's texts for what is malformed, cut off or leads outside; internal when the disk is full.
 */
export async function unpackTar(
  archive: AsyncIterable<Buffer>,
  directory: string,
  options: UnpackOptions = {},
): Promise<UnpackedTar> {
  const filter = new LayerFilter();
  const hash = createHash("sha256");
  let archiveSize = 0;
  const args = ["-x", "-p", "-f", "-", "-B", "-b", "128", "--numeric-owner", "--same-owner"];
  args.push("--xattrs", "--xattrs-include=*", "--xattrs-exclude=trusted.overlay.*", "--no-selinux", "--no-acls");
  const tar = startTar(args, directory, { signal: options.signal });
  const stdin = tar.child.stdin!;
  let isTarGone = false;
  const closed = new Promise<void>((resolve) => {
    const gone = (): void => {
      isTarGone = true;
      resolve();
    };
    // Writing fails when tar has ended early: its exit code and words tell why.
    stdin.on("error", gone);
    tar.child.once("close", gone).once("error", gone);
  });
  const drained = (): Promise<unknown> =>
    Promise.race([closed, new Promise<void>((resolve) => stdin.once("drain", resolve))]);
  tar.child.stdout!.resume();
  try {
    for await (const chunk of archive) {
      options.signal?.throwIfAborted();
      hash.update(chunk);
      archiveSize += chunk.length;
      let mustWait = false;
      if (!filter.isAtEnd) {
        for (const piece of filter.push(chunk)) mustWait = !isTarGone && !stdin.write(piece);
      }
      await options.onChunk?.(chunk);
      if (mustWait && stdin.writableNeedDrain && !isTarGone) await drained();
      if (isTarGone && !filter.isAtEnd) await tar.ended;
    }
    filter.finish();
    // An archive without members is no archive for tar: it gets its end.
    stdin.end(filter.members === 0 ? Buffer.alloc(1024) : undefined);
    await tar.ended;
  } catch (error) {
    stdin.destroy();
    tar.child.kill("SIGKILL");
    await tar.ended.catch(() => {});
    throw error;
  }
  for (const folder of filter.opaqueFolders) makeOpaque(directory, folder);
  return { digest: `sha256:${hash.digest("hex")}`, archiveSize, size: filter.size };
}
