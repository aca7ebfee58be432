/**
 * Learns of every exit once. conmon writes a file into the exit folder, which is watched; should the watch miss it,
 * conmon's own end tells. A conmon that was killed writes nothing: then the container's own process is waited for, and
 * its exit code, which nobody can know, counts as 137.
 */
import { watch } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { type ExitWatch, startTimeOf, watchProcess } from "../processes.ts";
import { isMonitor, readMonitorPid } from "./monitor.ts";
import type { RuntimePaths } from "./paths.ts";
import type { RuntimeExit, RuntimeProcess } from "./runtime.ts";

const unknownExitCode = 137;

/** What crun knows about a container, from its status file. */
export interface CrunStatus {
  readonly pid: number;
  readonly "process-start-time": number;
  readonly bundle: string;
}

/** Reads crun's status file; undefined when crun has none for this id. */
export async function readStatus(paths: RuntimePaths, id: string): Promise<CrunStatus | undefined> {
  try {
    return JSON.parse(await readFile(paths.status(id), "utf8")) as CrunStatus;
  } catch (error) {
    if (hasCode(error, "ENOENT") || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether this very process is there and not a zombie. */
export function isSameProcess(process: { readonly pid: number; readonly startTime: string }): boolean {
  return startTimeOf(process.pid) === process.startTime;
}

/** Whether something is at this path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

export interface Exits extends Disposable {
  /** Watches a container until it has ended or is forgotten. */
  follow(id: string, bundle: string, process: RuntimeProcess): void;
  forget(id: string): void;
  onExit(listener: (exit: RuntimeExit) => void): void;
  find(id: string): Promise<RuntimeExit | undefined>;
}

interface Followed {
  readonly bundle: string;
  readonly process: RuntimeProcess;
  watch: ExitWatch | undefined;
}

/** Starts watching the exit folder, which must exist. */
export function openExits(paths: RuntimePaths, log: Logger): Exits {
  const listeners: ((exit: RuntimeExit) => void)[] = [];
  const followed = new Map<string, Followed>();
  const told = new Set<string>();

  const read = async (id: string): Promise<RuntimeExit | undefined> => {
    try {
      const file = paths.exit(id);
      const [text, { mtimeMs }] = await Promise.all([readFile(file, "latin1"), stat(file)]);
      const exitCode = Number.parseInt(text, 10);
      if (Number.isNaN(exitCode)) return undefined;
      const bundle = followed.get(id)?.bundle ?? (await readStatus(paths, id))?.bundle;
      return { id, exitCode, oomKilled: bundle !== undefined && (await exists(join(bundle, "oom"))), at: mtimeMs };
    } catch (error) {
      if (hasCode(error, "ENOENT")) return undefined;
      throw error;
    }
  };

  const tell = async (id: string): Promise<boolean> => {
    const entry = followed.get(id);
    // Not followed any more: what the folder still tells is of an earlier run.
    if (entry === undefined) return told.has(id);
    const exit = await read(id);
    if (exit === undefined) return false;
    if (followed.get(id) !== entry) return told.has(id);
    told.add(id);
    entry.watch?.cancel();
    followed.delete(id);
    for (const listener of listeners) listener(exit);
    return true;
  };

  const settleWithoutMonitor = async (id: string): Promise<void> => {
    if (await exists(paths.exit(id))) return;
    await writeFile(paths.exit(id), String(unknownExitCode), { flag: "wx" }).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
  };

  const waitFor = async (id: string, entry: Followed): Promise<void> => {
    const isCurrent = (): boolean => followed.get(id) === entry;
    const { monitorPid, pid } = entry.process;
    const waits = [
      { pid: monitorPid, isIt: () => isMonitor(monitorPid, entry.bundle) },
      { pid, isIt: () => isSameProcess(entry.process) },
    ];
    for (const { pid, isIt } of waits) {
      entry.watch = watchProcess(pid, { keepsAlive: false });
      // The number may belong to another process by now; then there is nothing to wait for.
      if (!isIt()) entry.watch.cancel();
      await entry.watch.ended;
      if (!isCurrent() || (await tell(id)) || !isCurrent()) return;
    }
    log.warn("the monitor of a container was killed; its exit code is unknown", { id });
    await settleWithoutMonitor(id);
    await tell(id);
  };

  const folder = watch(paths.exits, (_, name) => {
    // conmon writes a temporary file first; its name has a dot.
    if (name !== null && !name.includes(".")) {
      tell(name).catch((error: unknown) => log.error("cannot read an exit file", { id: name, error }));
    }
  });
  folder.on("error", (error) => log.error("the exit folder is no longer watched", { error }));

  return {
    follow: (id, bundle, process) => {
      followed.get(id)?.watch?.cancel();
      told.delete(id);
      const entry: Followed = { bundle, process, watch: undefined };
      followed.set(id, entry);
      waitFor(id, entry).catch((error: unknown) => log.error("cannot watch a container", { id, error }));
    },
    forget: (id) => {
      const entry = followed.get(id);
      followed.delete(id);
      entry?.watch?.cancel();
      told.delete(id);
    },
    onExit: (listener) => void listeners.push(listener),
    find: async (id) => {
      const exit = await read(id);
      if (exit !== undefined) return exit;
      const status = await readStatus(paths, id);
      if (status === undefined) return undefined;
      if (isSameProcess({ pid: status.pid, startTime: String(status["process-start-time"]) })) return undefined;
      const monitorPid = await readMonitorPid(status.bundle);
      if (monitorPid !== undefined && isMonitor(monitorPid, status.bundle)) return undefined;
      await settleWithoutMonitor(id);
      return read(id);
    },
    [Symbol.dispose]: () => {
      folder.close();
      for (const { watch } of followed.values()) watch?.cancel();
      followed.clear();
    },
  };
}
