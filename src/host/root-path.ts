/**
 * Paths inside a container's root, resolved by the kernel as if that were the root of all (openat2(2) with
 * RESOLVE_IN_ROOT): symbolic links and `..` cannot lead out, also not when a running container changes them meanwhile.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readlinkSync, readSync } from "node:fs";
import { posix } from "node:path";
import { hasCode } from "../base/errors.ts";
import { check, type ForeignFunction, libc } from "./libc.ts";

/** The same number on every architecture. */
const openat2Number = 437;
const resolveInRoot = 0x10;
const closeOnExec = 0o2000000;
/** O_PATH of open(2), which Node does not name: a place, not its content. */
export const pathOnly = 0o10000000;

const openat2: ForeignFunction = libc(
  "long syscall(long number, int folder, const char *path, void *how, unsigned long size)",
);

/** Runs `use` with a descriptor of the folder `root`. */
function withRoot<T>(root: string, use: (rootFd: number) => T): T {
  const rootFd = openSync(root, pathOnly | constants.O_DIRECTORY);
  try {
    return use(rootFd);
  } finally {
    closeSync(rootFd);
  }
}

/** {@link openInRoot} for a root that is open already; a buffer ends in NUL. */
export function openBelow(rootFd: number, path: string | Buffer, flags: number): number {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(flags | closeOnExec), 0);
  how.writeBigUInt64LE(BigInt(resolveInRoot), 16);
  return check(openat2(openat2Number, rootFd, path, how, how.length), "openat2", String(path));
}

/**
 * Opens what `path` is inside `root`; the caller closes the descriptor. `flags` are those of open(2).
 * Errors: what open(2) answers (ENOENT, ENOTDIR, ELOOP…), with `code`.
 */
export function openInRoot(root: string, path: string, flags: number): number {
  return withRoot(root, (rootFd) => openBelow(rootFd, path, flags));
}

/**
 * The text of the small file `path` inside `root`, or undefined where there is none, also when it is no regular file.
 * Throws when it is larger than `limit` bytes.
 */
export function readFileInRoot(root: string, path: string, limit: number): string | undefined {
  let fd: number;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    fd = openInRoot(root, path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO")) return undefined;
    throw error;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    if (stat.size > limit) throw new Error(`${path} of the container is larger than ${limit} bytes`);
    const content = Buffer.alloc(stat.size);
    let length = 0;
    while (length < content.length) {
      const count = readSync(fd, content, length, content.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return content.toString("utf8", 0, length);
  } finally {
    closeSync(fd);
  }
}

const readlinkat: ForeignFunction = libc("long readlinkat(int fd, const char *path, void *buffer, size_t size)");

/** What the symbolic link says that was opened with O_PATH and O_NOFOLLOW. */
export function readLinkAt(fd: number): string {
  const text = Buffer.alloc(4096);
  return text.toString("utf8", 0, check(Number(readlinkat(fd, "", text, text.length)), "readlinkat"));
}

/** How many symbolic links a path may pass, as the kernel has it. */
const linkLimit = 40;

function makeBelow(rootFd: number, path: string, mode: number, links: number): void {
  let made = "/";
  for (const name of posix.normalize(`/${path}`).split("/")) {
    if (name === "") continue;
    const next = posix.join(made, name);
    const parent = openBelow(rootFd, made, pathOnly | constants.O_DIRECTORY);
    try {
      mkdirSync(`/proc/self/fd/${parent}/${name}`, mode);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      makeTarget(rootFd, next, `/proc/self/fd/${parent}/${name}`, { mode, links });
    } finally {
      closeSync(parent);
    }
    made = next;
  }
}

/** Where `path` is a symbolic link to nothing, makes what it points at. */
function makeTarget(
  rootFd: number,
  path: string,
  entry: string,
  { mode, links }: { mode: number; links: number },
): void {
  try {
    closeSync(openBelow(rootFd, path, pathOnly | constants.O_DIRECTORY));
  } catch (error) {
    if (!hasCode(error, "ENOENT") || links === 0) throw error;
    makeBelow(rootFd, posix.resolve(posix.dirname(path), readlinkSync(entry)), mode, links - 1);
  }
}

/** {@link makeFolderInRoot} for a root that is open already. */
export function makeFolderBelow(rootFd: number, path: string, mode = 0o755): void {
  try {
    closeSync(openBelow(rootFd, path, pathOnly | constants.O_DIRECTORY));
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    makeBelow(rootFd, path, mode, linkLimit);
  }
}

/**
 * Makes the folder `path` inside `root` and those above it, owned by root. Whether it was already there is no matter.
 * Errors: ENOTDIR where a part of it is no folder.
 */
export function makeFolderInRoot(root: string, path: string, mode = 0o755): void {
  withRoot(root, (rootFd) => makeFolderBelow(rootFd, path, mode));
}
