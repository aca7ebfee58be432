/**
 * Starts conmon, which starts crun and stays as the parent of the container or exec: it holds its streams, writes its
 * log and its exit code. It works on when the daemon is killed at any moment, because what it reports goes to files.
 */
import { closeSync, constants, openSync, readdirSync, readFileSync, rmSync, watch } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, internal } from "../../base/errors.ts";
import { watchProcess } from "../processes.ts";
import { spawn } from "../spawn.ts";
import { monitorFiles } from "./paths.ts";

/** conmon's word on a create or exec: a pid, or a failure with what crun printed. */
export type MonitorReport =
  | { readonly pid: number }
  | {
      /** crun's exit code for an exec, else 1. */ readonly failure: number;
      readonly message: string;
    };

export interface MonitorOptions {
  readonly conmon: string;
  readonly crun: string;
  readonly crunRoot: string;
  readonly id: string;
  /** Where conmon works and puts its files; for a container the bundle. */
  readonly folder: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly leaveStdinOpen: boolean;
  readonly logPath: string | null;
  /** Further arguments of conmon. */
  readonly extra: readonly string[];
  /** Descriptors for conmon by the name of the variable that tells it their number. */
  readonly pipes?: Readonly<Record<string, number>>;
}

/** A conmon that runs. */
export interface Monitor {
  readonly pid: number;
  /** Never rejects; a conmon that dies without a word is a failure. */
  readonly report: Promise<MonitorReport>;
}

function argumentsOf(options: MonitorOptions): string[] {
  const { folder } = options;
  return [
    "conmon",
    "--api-version=1",
    `--cid=${options.id}`,
    `--cuuid=${options.id}`,
    `--name=${options.id}`,
    `--runtime=${options.crun}`,
    `--runtime-arg=--root=${options.crunRoot}`,
    "--runtime-arg=--cgroup-manager=cgroupfs",
    `--bundle=${folder}`,
    `--container-pidfile=${join(folder, "container.pid")}`,
    `--conmon-pidfile=${join(folder, "conmon.pid")}`,
    `--persist-dir=${folder}`,
    // The socket is made in the folder itself, whatever the length of its path.
    "--full-attach",
    // Syncing the log at the end would delay the exit by as long as the disk takes; Docker does not do it either.
    "--no-sync-log",
    `--log-path=${options.logPath === null ? "none" : `k8s-file:${options.logPath}`}`,
    ...(options.tty ? ["--terminal"] : []),
    ...(options.openStdin ? ["--stdin"] : []),
    ...(options.leaveStdinOpen ? ["--leave-stdin-open"] : []),
    ...options.extra,
  ];
}

/** Removes what an earlier conmon left in its folder; the folder may hold other files. */
export function clearMonitorFiles(folder: string): void {
  for (const name of readdirSync(folder)) if (monitorFiles.includes(name)) rmSync(join(folder, name), { force: true });
}

/** What is in a sync file so far: undefined when conmon has not spoken yet. */
export async function readReport(folder: string): Promise<MonitorReport | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, "sync"), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
  const end = text.indexOf("\n");
  if (end === -1) return undefined;
  const { data, message } = parseReport(text.slice(0, end));
  return data > 0 ? { pid: data } : { failure: Math.max(1, -data), message: message ?? "" };
}

function parseReport(line: string): { data: number; message?: string } {
  try {
    return JSON.parse(line) as { data: number; message?: string };
  } catch {
    // conmon does not escape every control character that crun may print.
    const message = /"message": "(.*)"\}$/.exec(line)?.[1];
    return { data: Number(/"data": (-?\d+)/.exec(line)?.[1] ?? -1), ...(message !== undefined && { message }) };
  }
}

/** Waits for conmon's word in a folder's sync file, which must exist. `monitorPid` is watched for dying without one. */
export function waitForReport(folder: string, monitorPid: Promise<number>): Promise<MonitorReport> {
  return new Promise((resolve, reject) => {
    const watcher = watch(join(folder, "sync"));
    let cancelDeathWatch = (): void => {};
    let isSettled = false;
    const settle = (act: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      watcher.close();
      cancelDeathWatch();
      act();
    };
    const fail = (error: unknown): void => settle(() => reject(error));
    const look = async (): Promise<void> => {
      const report = await readReport(folder);
      if (report !== undefined) settle(() => resolve(report));
    };
    watcher.on("change", () => look().catch(fail));
    watcher.on("error", fail);
    const watchDeath = async (): Promise<void> => {
      const death = watchProcess(await monitorPid, { keepsAlive: true });
      cancelDeathWatch = death.cancel;
      await look();
      if (isSettled) return death.cancel();
      await death.ended;
      await look();
      settle(() => resolve({ failure: 1, message: "conmon ended before the container was created" }));
    };
    watchDeath().catch(fail);
  });
}

/** conmon's pid, from the file that its first process writes before it ends. */
export async function readMonitorPid(folder: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(join(folder, "conmon.pid"), "latin1"), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The arguments of a conmon that works in `folder`, or undefined when the process with this pid is none. */
export function monitorArguments(pid: number, folder: string): readonly string[] | undefined {
  try {
    const parts = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return parts[0] === "conmon" && parts.includes(`--bundle=${folder}`) ? parts : undefined;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

/** Whether the process with this pid is the conmon that works in `folder`. */
export function isMonitor(pid: number, folder: string): boolean {
  return monitorArguments(pid, folder) !== undefined;
}

/** Starts conmon in a folder without files of an earlier one. Errors: internal when it cannot start. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const { folder } = options;
  const sync = openSync(join(folder, "sync"), constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
  const errors = openSync(join(folder, "conmon.err"), constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    const descriptors: Record<number, number> = { 2: errors, 3: sync };
    const env: Record<string, string> = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
    // The log bears times in UTC, wherever the host is.
    env.TZ = "UTC0";
    // A regular file instead of a pipe: a pipe would break, and conmon with it, if the daemon were killed meanwhile.
    env._OCI_SYNCPIPE = "3";
    for (const [index, [name, fd]] of Object.entries(options.pipes ?? {}).entries()) {
      descriptors[4 + index] = fd;
      env[name] = String(4 + index);
    }
    const first = spawn({ file: options.conmon, argv: argumentsOf(options), env, cwd: folder, descriptors });
    const pid = (async (): Promise<number> => {
      const { code } = await first.exit;
      const found = code === 0 ? await readMonitorPid(folder) : undefined;
      if (found !== undefined) return found;
      throw internal(`conmon could not start: ${(await readFile(join(folder, "conmon.err"), "utf8")).trim()}`);
    })();
    const report = waitForReport(folder, pid);
    report.catch(() => {});
    return { pid: await pid, report };
  } finally {
    closeSync(sync);
    closeSync(errors);
  }
}

/** Makes the folder of a new conmon. */
export async function makeMonitorFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}
