import { existsSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { conflict, internal } from "../../base/errors.ts";
import { startTimeOf } from "../processes.ts";
import { resizeTerminal } from "./control.ts";
import { deleteContainer } from "./delete.ts";
import { createFailed, type FailedProcess } from "./errors.ts";
import { clearMonitorFiles, startMonitor } from "./monitor.ts";
import type { RuntimeParts } from "./parts.ts";
import type { RuntimeCreateOptions, RuntimeProcess } from "./runtime.ts";

async function processIn(bundle: string): Promise<FailedProcess> {
  const spec = JSON.parse(await readFile(join(bundle, "config.json"), "utf8")) as { process: FailedProcess };
  return spec.process;
}

/** conmon + crun create; on failure crun's state, the cgroups and conmon's files are gone again. */
export async function createContainer(parts: RuntimeParts, options: RuntimeCreateOptions): Promise<RuntimeProcess> {
  const { id, bundle } = options;
  if (existsSync(parts.paths.state(id))) throw conflict(`container ${id} already exists`);
  parts.cgroups.prepareMove();
  clearMonitorFiles(bundle);
  rmSync(parts.paths.exit(id), { force: true });
  try {
    const monitor = await startMonitor({
      conmon: parts.conmon,
      crun: parts.crun,
      crunRoot: parts.paths.crunRoot,
      id,
      folder: bundle,
      tty: options.tty,
      openStdin: options.openStdin,
      leaveStdinOpen: options.leaveStdinOpen,
      logPath: options.logPath,
      extra: [`--exit-dir=${parts.paths.exits}`],
    });
    const report = await monitor.report;
    if ("failure" in report) throw createFailed(report.message, await processIn(bundle));
    const startTime = startTimeOf(report.pid, true);
    if (startTime === undefined) throw internal(`the init process ${report.pid} of container ${id} is gone`);
    const process: RuntimeProcess = { pid: report.pid, monitorPid: monitor.pid, startTime };
    parts.exits.follow(id, bundle, process);
    await parts.filters.keep(bundle, id);
    if (options.tty && options.size !== undefined && options.size.width > 0 && options.size.height > 0) {
      await resizeTerminal(bundle, options.size);
    }
    return process;
  } catch (error) {
    parts.filters.forget(bundle);
    await deleteContainer(parts, id);
    clearMonitorFiles(bundle);
    throw error;
  }
}
