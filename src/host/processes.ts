/**
 * Processes by number, without mistaking a later process for the one meant: a pidfd stays with its process, and the
 * start time tells two processes with the same number apart.
 */
import { readFileSync } from "node:fs";
import { hasCode } from "../base/errors.ts";
import { whenReadable } from "./descriptor-socket.ts";
import { check, closeFd, libc } from "./libc.ts";

const syscall = libc("long syscall(long number, long a, long b, long c, long d)");
// The same on every architecture: system calls newer than Linux 5.0 share their numbers.
const SYS_PIDFD_SEND_SIGNAL = 424;
const SYS_PIDFD_OPEN = 434;

/** pidfd_open(2): a descriptor for a process, which the caller closes. Throws ESRCH when there is none. */
export function openProcess(pid: number): number {
  return check(Number(syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0)), "pidfd_open", String(pid));
}

/**
 * Start time of a process in clock ticks since boot, or undefined when it is gone. A zombie counts as gone unless
 * `includeZombie`.
 */
export function startTimeOf(pid: number, includeZombie = false): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
  // The program's name may hold blanks and parentheses: fields are counted from its last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (!includeZombie && (fields[0] === "Z" || fields[0] === "X")) return undefined;
  return fields[19];
}

/**
 * Sends a signal to the process with this number and start time; false when it is gone. Other failures throw.
 */
export function signalProcess(pid: number, startTime: string, signal: number): boolean {
  let fd: number;
  try {
    fd = openProcess(pid);
  } catch (error) {
    if (hasCode(error, "ESRCH", "EINVAL")) return false;
    throw error;
  }
  try {
    if (startTimeOf(pid) !== startTime) return false;
    check(Number(syscall(SYS_PIDFD_SEND_SIGNAL, fd, signal, 0, 0)), "pidfd_send_signal", String(pid));
    return true;
  } catch (error) {
    if (hasCode(error, "ESRCH")) return false;
    throw error;
  } finally {
    closeFd(fd);
  }
}

/** A wait for the end of a process. */
export interface ExitWatch {
  /** Resolves when the process has ended; at once when there is none. */
  readonly ended: Promise<void>;
  /** Gives up; `ended` resolves then too. */
  cancel(): void;
}

/** Waits for any process to end, child or not; costs one descriptor and no polling. */
export function watchProcess(pid: number, options: { readonly keepsAlive: boolean }): ExitWatch {
  let fd: number;
  try {
    fd = openProcess(pid);
  } catch (error) {
    if (!hasCode(error, "ESRCH")) throw error;
    return { ended: Promise.resolve(), cancel: () => {} };
  }
  const { done, cancel } = whenReadable(fd, options.keepsAlive);
  return { ended: done, cancel };
}
