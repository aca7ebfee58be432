/** Advisory locks on files, flock(2): released by the kernel however the process ends, never inherited by children. */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { errno, libc, SystemCallError } from "./libc.ts";

const flock = libc("int flock(int fd, int operation)");
const LOCK_EX = 2;
const LOCK_NB = 4;

/** A lock that is held until it is disposed of. */
export type FileLock = Disposable;

/**
 * Takes the exclusive lock on `path`, which is created where missing and then holds this process's id. Gives the id
 * written there by the holder (0 where unreadable) instead when another process holds it.
 */
export function lockFile(path: string): FileLock | { readonly holder: number } {
  const fd = openSync(path, "a+", 0o600);
  if (flock(fd, LOCK_EX | LOCK_NB) === -1) {
    const failure = new SystemCallError("flock", errno(), path);
    const holder = Number.parseInt(readFileSync(path, "utf8"), 10) || 0;
    closeSync(fd);
    if (failure.code === "EAGAIN" || failure.code === "EWOULDBLOCK") return { holder };
    throw failure;
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  return { [Symbol.dispose]: () => closeSync(fd) };
}
