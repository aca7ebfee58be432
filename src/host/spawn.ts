/**
 * Starts programs by posix_spawn(3). Node's own `spawn` forks: it stops the event loop for as long as the kernel needs
 * to copy the page tables of the whole daemon. posix_spawn borrows the memory instead and returns in some tenths of a
 * millisecond.
 */
import { libc, SystemCallError } from "./libc.ts";
import { watchProcess } from "./processes.ts";

/** What to start and with what. */
export interface SpawnOptions {
  /** Absolute path of the program. */
  readonly file: string;
  /** All arguments, the program's own name first. */
  readonly argv: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Descriptors of the child by number, each a descriptor of ours. 0, 1 and 2 are /dev/null when absent; no other is passed. */
  readonly descriptors?: Readonly<Record<number, number>>;
  /** Makes the child the leader of a new session. */
  readonly newSession?: boolean;
}

/** How a child ended: by itself with a code, or by a signal's number. */
export interface ProcessExit {
  readonly code: number | undefined;
  readonly signal: number | undefined;
}

/** A child that was started. */
export interface Spawned {
  readonly pid: number;
  /** Never rejects. */
  readonly exit: Promise<ProcessExit>;
}

const calls = {
  actionsInit: libc("int posix_spawn_file_actions_init(void *actions)"),
  actionsDestroy: libc("int posix_spawn_file_actions_destroy(void *actions)"),
  addDup2: libc("int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)"),
  addClose: libc("int posix_spawn_file_actions_addclose(void *actions, int fd)"),
  addOpen: libc("int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, uint mode)"),
  addChdir: libc("int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)"),
  addCloseFrom: libc("int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)"),
  attributesInit: libc("int posix_spawnattr_init(void *attributes)"),
  setFlags: libc("int posix_spawnattr_setflags(void *attributes, short flags)"),
  setSignalDefault: libc("int posix_spawnattr_setsigdefault(void *attributes, const void *signals)"),
  setSignalMask: libc("int posix_spawnattr_setsigmask(void *attributes, const void *signals)"),
  fillSignals: libc("int sigfillset(void *signals)"),
  spawn: libc(
    "int posix_spawn(_Out_ int *pid, const char *path, const void *actions, const void *attributes, const char **argv, const char **env)",
  ),
  waitpid: libc("int waitpid(int pid, _Out_ int *status, int options)"),
};

const SPAWN_SETSIGDEF = 4;
const SPAWN_SETSIGMASK = 8;
const SPAWN_SETSID = 128;
const O_RDWR = 2;
const WNOHANG = 1;

/** Both C libraries keep these structures well below this size. */
const structureSize = 512;

function attributesWith(flags: number): Buffer {
  const attributes = Buffer.alloc(structureSize);
  const signals = Buffer.alloc(128);
  calls.attributesInit(attributes);
  // An empty mask and default handlers: Node ignores SIGPIPE, and ignoring is inherited.
  calls.setSignalMask(attributes, signals);
  calls.fillSignals(signals);
  calls.setSignalDefault(attributes, signals);
  calls.setFlags(attributes, flags);
  return attributes;
}

const plainAttributes = attributesWith(SPAWN_SETSIGDEF | SPAWN_SETSIGMASK);
const sessionAttributes = attributesWith(SPAWN_SETSIGDEF | SPAWN_SETSIGMASK | SPAWN_SETSID);

function failed(result: number, subject: string): SystemCallError {
  return new SystemCallError("posix_spawn", result, subject);
}

function addDescriptors(actions: Buffer, wanted: Readonly<Record<number, number>>): void {
  const pairs = Object.entries(wanted).map(([target, source]) => ({ target: Number(target), source }));
  const targets = new Set(pairs.map(({ target }) => target));
  // Above all numbers in use: descriptors whose number is taken by another are parked there.
  let parked = Math.max(2, ...pairs.flatMap(({ target, source }) => [target, source])) + 1;
  for (const pair of pairs) {
    if (!targets.has(pair.source) || pair.source === pair.target) continue;
    calls.addDup2(actions, pair.source, parked);
    pair.source = parked++;
  }
  for (const { target, source } of pairs) calls.addDup2(actions, source, target);
  for (const standard of [0, 1, 2]) {
    if (!targets.has(standard)) calls.addOpen(actions, standard, "/dev/null", O_RDWR, 0);
  }
  const first = Math.max(2, ...targets) + 1;
  for (let fd = 3; fd < first; fd++) if (!targets.has(fd)) calls.addClose(actions, fd);
  calls.addCloseFrom(actions, first);
}

function reap(pid: number): ProcessExit {
  const status = [0];
  const reaped: number = calls.waitpid(pid, status, WNOHANG);
  const value = status[0] ?? 0;
  // Whoever else reaped it took the status along; that is a fault of theirs, not a reason to fail here.
  if (reaped !== pid) return { code: undefined, signal: undefined };
  const signal = value & 0x7f;
  return signal === 0 ? { code: (value >> 8) & 0xff, signal: undefined } : { code: undefined, signal };
}

/**
 * Starts a program. Throws a {@link SystemCallError} when it cannot be executed (`ENOENT`, `EACCES`…). The child is
 * waited for by its own number only, so that Node's own children are left alone.
 */
export function spawn(options: SpawnOptions): Spawned {
  const actions = Buffer.alloc(structureSize);
  calls.actionsInit(actions);
  try {
    addDescriptors(actions, options.descriptors ?? {});
    if (options.cwd !== undefined) calls.addChdir(actions, options.cwd);
    const pid = [0];
    const result: number = calls.spawn(
      pid,
      options.file,
      actions,
      options.newSession === true ? sessionAttributes : plainAttributes,
      [...options.argv, null],
      [...Object.entries(options.env).map(([name, value]) => `${name}=${value}`), null],
    );
    if (result !== 0) throw failed(result, options.file);
    const child = pid[0] ?? 0;
    return { pid: child, exit: watchProcess(child, { keepsAlive: true }).ended.then(() => reap(child)) };
  } finally {
    calls.actionsDestroy(actions);
  }
}
