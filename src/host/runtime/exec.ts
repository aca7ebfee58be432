/** One more process in a running container: `crun exec` under a conmon of its own, in a folder of its own. */
import { closeSync, writeSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { hasCode } from "../../base/errors.ts";
import type { Cgroups } from "../cgroups/index.ts";
import { check, libc } from "../libc.ts";
import { watchProcess } from "../processes.ts";
import { openAttachment } from "./attachment.ts";
import { execFailed } from "./errors.ts";
import { isMonitor, type Monitor, makeMonitorFolder, readMonitorPid, startMonitor } from "./monitor.ts";
import type { RuntimePaths } from "./paths.ts";
import type { Attachment, RuntimeExec, RuntimeExecOptions } from "./runtime.ts";

const pipe2 = libc("int pipe2(_Out_ int *fds, int flags)");
const O_CLOEXEC = 0o2000000;
const unknownExitCode = 137;

function pipe(): { read: number; write: number } {
  const fds = [0, 0];
  check(pipe2(fds, O_CLOEXEC), "pipe2");
  return { read: fds[0] ?? -1, write: fds[1] ?? -1 };
}

/** Resolves with the first bytes, or nothing when the other side closes; takes over the descriptor. */
function firstWord(fd: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.once("data", () => socket.destroy());
    socket.on("error", () => {});
    socket.once("close", () => resolve());
    socket.once("end", () => socket.destroy());
  });
}

export interface ExecDeps {
  readonly conmon: string;
  readonly crun: string;
  readonly paths: RuntimePaths;
  readonly cgroups: Pick<Cgroups, "prepareMove">;
}

async function readIfPresent(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}

async function exitCodeIn(folder: string): Promise<number> {
  const code = Number.parseInt(await readIfPresent(join(folder, "exit")), 10);
  return Number.isNaN(code) ? unknownExitCode : code;
}

/**
 * Starts conmon and connects before the process runs: conmon waits for a byte before it begins, tells when its socket
 * is there, and waits for a second byte before it starts the process.
 */
async function startAttached(
  start: (pipes: Readonly<Record<string, number>>) => Promise<Monitor>,
  folder: string,
): Promise<{ monitor: Monitor; attachment: Attachment | undefined }> {
  const gate = pipe();
  const ready = pipe();
  let isReadyTaken = false;
  try {
    writeSync(gate.write, "1");
    const starting = start({ _OCI_STARTPIPE: gate.read, _OCI_ATTACHPIPE: ready.write });
    // conmon has its own copies by now; ours would hide its end.
    closeSync(gate.read);
    closeSync(ready.write);
    isReadyTaken = true;
    const isReady = firstWord(ready.read);
    const monitor = await starting;
    await isReady;
    let attachment: Attachment | undefined;
    try {
      attachment = await openAttachment(folder);
    } catch (error) {
      // conmon ended early: its report tells why.
      if (!hasCode(error instanceof Error ? error.cause : undefined, "ENOENT", "ECONNREFUSED")) throw error;
    }
    try {
      writeSync(gate.write, "1");
    } catch (error) {
      if (!hasCode(error, "EPIPE")) throw error;
    }
    return { monitor, attachment };
  } finally {
    closeSync(gate.write);
    if (!isReadyTaken) for (const fd of [gate.read, ready.read, ready.write]) closeSync(fd);
  }
}

/** Runs an exec. Errors as Docker's, with `details.exitCode`; on failure nothing is left. */
export async function startExec(deps: ExecDeps, options: RuntimeExecOptions): Promise<RuntimeExec> {
  const folder = deps.paths.exec(options.execId);
  deps.cgroups.prepareMove();
  await makeMonitorFolder(folder);
  try {
    const processFile = join(folder, "process.json");
    const { width = 0, height = 0 } = options.size ?? {};
    const process = { ...options.process, ...(width > 0 && height > 0 && { consoleSize: { width, height } }) };
    await writeFile(processFile, JSON.stringify(process), { mode: 0o600 });
    // On a terminal crun's complaints would go to the terminal.
    const complaints = join(folder, "crun.log");
    const start = (pipes: Readonly<Record<string, number>>): Promise<Monitor> =>
      startMonitor({
        conmon: deps.conmon,
        crun: deps.crun,
        crunRoot: deps.paths.crunRoot,
        id: options.containerId,
        folder,
        tty: options.tty,
        openStdin: options.openStdin,
        leaveStdinOpen: false,
        logPath: null,
        extra: [
          "--exec",
          `--exec-process-spec=${processFile}`,
          ...(options.attach ? ["--exec-attach"] : []),
          ...(options.tty ? [`--runtime-arg=--log=${complaints}`] : []),
        ],
        pipes,
      });
    const { monitor, attachment } = options.attach
      ? await startAttached(start, folder)
      : { monitor: await start({}), attachment: undefined };
    // Watched from here on, so that its number cannot be taken by another process.
    const monitorEnd = watchProcess(monitor.pid, { keepsAlive: false });
    const report = await monitor.report;
    if ("failure" in report) {
      attachment?.socket.destroy();
      monitorEnd.cancel();
      const message = options.tty ? await readIfPresent(complaints) : "";
      throw execFailed(message || report.message, options.process as { args: readonly string[]; cwd: string });
    }
    const exit = monitorEnd.ended.then(async () => {
      const code = await exitCodeIn(folder);
      await rm(folder, { recursive: true, force: true });
      return code;
    });
    exit.catch(() => {});
    return { pid: report.pid, attachment, exit };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Removes the folders of execs that ended while no daemon was there. */
export async function sweepExecs(paths: RuntimePaths): Promise<void> {
  for (const execId of await readdir(paths.execs)) {
    const folder = paths.exec(execId);
    const pid = await readMonitorPid(folder);
    if (pid !== undefined && isMonitor(pid, folder)) continue;
    await rm(folder, { recursive: true, force: true });
  }
}
