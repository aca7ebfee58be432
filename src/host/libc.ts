/**
 * The system calls that Node lacks, by their names in libc (man section 2), through koffi. A failing call throws a
 * {@link SystemCallError}; nothing here knows containers.
 */
import { getSystemErrorMap } from "node:util";
import koffi, { type KoffiFunc } from "koffi";

/** A system call failed: `code` is the errno's name (`EBUSY`), `errno` its number. */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  constructor(syscall: string, errno: number, subject?: string) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, `error ${errno}`];
    super(`${syscall}${subject === undefined ? "" : ` ${subject}`}: ${text}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** A function of a C library. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments and result are those of the C prototype
export type ForeignFunction = KoffiFunc<(...args: any[]) => any>;

const lib = koffi.load(null);

/** Declares a function of libc by its C prototype; the result is called synchronously, or on a thread by `.async`. */
export function libc(prototype: string): ForeignFunction {
  return lib.func(prototype);
}

/** The errno of the last synchronous call. */
export function errno(): number {
  return koffi.errno();
}

/** Returns `result` unless it is -1, which throws with the errno of the call just made. */
export function check(result: number, syscall: string, subject?: string): number {
  if (result === -1) throw new SystemCallError(syscall, koffi.errno(), subject);
  return result;
}

const calls = {
  mount: lib.func(
    "int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)",
  ),
  umount2: lib.func("int umount2(const char *target, int flags)"),
  unshare: lib.func("int unshare(int flags)"),
  setns: lib.func("int setns(int fd, int type)"),
  kill: lib.func("int kill(int pid, int signal)"),
  socket: lib.func("int socket(int domain, int type, int protocol)"),
  bind: lib.func("int bind(int fd, const void *address, unsigned int length)"),
  connect: lib.func("int connect(int fd, const void *address, unsigned int length)"),
  close: lib.func("int close(int fd)"),
  shutdown: lib.func("int shutdown(int fd, int how)"),
};

/** Flags of mount(2) and umount2(2). */
export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  REMOUNT: 32,
  BIND: 4096,
  MOVE: 8192,
  REC: 16384,
  UNBINDABLE: 131072,
  PRIVATE: 262144,
  SLAVE: 524288,
  SHARED: 1048576,
} as const;
export const MNT_DETACH = 2;
/** Namespace flags of unshare(2) and setns(2). */
export const CLONE = {
  NEWNS: 0x20000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWNET: 0x40000000,
} as const;

/** mount(2). `data` is the file system's option string. */
export function mount(source: string, target: string, type: string, flags: number, data = ""): void {
  check(calls.mount(source, target, type, flags, data), "mount", target);
}

/** umount2(2) on the calling thread: for tmpfs, bind and namespace mounts, which cost nothing. */
export function unmountNow(target: string, flags: number = MNT_DETACH): void {
  check(calls.umount2(target, flags), "umount", target);
}

/**
 * umount2(2) on a thread of libuv's pool: the last unmount of an overlay syncs the file system underneath, which takes
 * as long as that has dirty data.
 */
export function unmount(target: string, flags: number = MNT_DETACH): Promise<void> {
  return new Promise((resolve, reject) => {
    // The errno of a threaded call is not readable here: what is not mounted is asked of mountinfo by callers that care.
    calls.umount2.async(target, flags, (error: unknown, result: number) => {
      if (error !== null && error !== undefined) reject(error);
      else if (result === -1) reject(new Error(`umount ${target} failed`));
      else resolve();
    });
  });
}

/** unshare(2) for the calling thread. */
export function unshare(flags: number): void {
  check(calls.unshare(flags), "unshare");
}

/** setns(2) for the calling thread: `fd` is an open namespace file. */
export function setns(fd: number, type: number): void {
  check(calls.setns(fd, type), "setns");
}

/** kill(2). */
export function kill(pid: number, signal: number): void {
  check(calls.kill(pid, signal), "kill", String(pid));
}

/** socket(2): a descriptor that the caller closes. */
export function socket(domain: number, type: number, protocol: number): number {
  return check(calls.socket(domain, type, protocol), "socket");
}

/** bind(2) to a `sockaddr` in its binary form. */
export function bind(fd: number, address: Uint8Array): void {
  check(calls.bind(fd, address, address.length), "bind");
}

/** connect(2) to a `sockaddr` in its binary form. */
export function connect(fd: number, address: Uint8Array): void {
  check(calls.connect(fd, address, address.length), "connect");
}

/** shutdown(2): 0 ends reading, 1 writing, 2 both. */
export function shutdown(fd: number, how: 0 | 1 | 2): void {
  check(calls.shutdown(fd, how), "shutdown");
}

/** close(2) of a descriptor that Node does not own. */
export function closeFd(fd: number): void {
  check(calls.close(fd), "close");
}
