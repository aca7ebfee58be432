/** Puts the runtime together: each verb is in a file of its own. */
import { writeFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { conflict } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Cgroups } from "../cgroups/index.ts";
import type { Instance } from "../instance.ts";
import { signalProcess } from "../processes.ts";
import { openAttachment } from "./attachment.ts";
import { reopenLog, resizeTerminal } from "./control.ts";
import { createContainer } from "./create.ts";
import { deleteContainer } from "./delete.ts";
import { startExec, sweepExecs } from "./exec.ts";
import { isSameProcess, openExits } from "./exits.ts";
import { monitorArguments, readMonitorPid } from "./monitor.ts";
import type { RuntimeParts } from "./parts.ts";
import { runtimePaths } from "./paths.ts";
import { findProgram } from "./programs.ts";
import { recoverContainer } from "./recover.ts";
import type { Runtime } from "./runtime.ts";
import { openSeccompFilters } from "./seccomp-filters.ts";
import { startContainer } from "./start.ts";

export interface RuntimeDeps {
  readonly instance: Instance;
  readonly cgroups: Cgroups;
  readonly log: Logger;
}

async function logPathOf(bundle: string): Promise<string | undefined> {
  const pid = await readMonitorPid(bundle);
  const prefix = "--log-path=k8s-file:";
  const found = pid === undefined ? undefined : monitorArguments(pid, bundle);
  return found?.find((argument) => argument.startsWith(prefix))?.slice(prefix.length);
}

/**
 * Opens the runtime of an instance. Containers that run from before are not touched; {@link Runtime.recover} takes each
 * up again. Errors: unavailable when conmon or crun is missing, unsupported when the machine has no control groups.
 */
export async function openRuntime(deps: RuntimeDeps): Promise<Runtime> {
  const { instance, cgroups, log } = deps;
  const paths = runtimePaths(instance.execRoot);
  for (const folder of [paths.crunRoot, paths.exits, paths.execs, paths.seccomp]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const [conmon, crun] = await Promise.all([findProgram("conmon"), findProgram("crun")]);
  await sweepExecs(paths);
  const exits = openExits(paths, log);
  const parts: RuntimeParts = { conmon, crun, paths, cgroups, exits, filters: openSeccompFilters(paths) };

  return {
    writeSpec: async (bundle, spec) => {
      const text = JSON.stringify(await parts.filters.substitute(bundle, spec));
      writeFileSync(join(bundle, "config.json"), text, { mode: 0o600 });
    },
    expect: () => cgroups.prepareMove(),
    create: (options) => createContainer(parts, options),
    start: (id, bundle) => startContainer(parts, id, bundle),
    attach: (_, bundle) => openAttachment(bundle),
    resize: (bundle, size) => resizeTerminal(bundle, size),
    kill: (process, signal) => {
      if (!signalProcess(process.pid, process.startTime, signal)) throw conflict("the container is not running");
    },
    killAll: (id) => cgroups.killAll(id),
    pause: (id) => cgroups.freeze(id),
    resume: (id) => cgroups.thaw(id),
    delete: (id) => deleteContainer(parts, id),
    exec: (options) => startExec(parts, options),
    resizeExec: (_, execId, size) => resizeTerminal(paths.exec(execId), size),
    pids: (id) => cgroups.pids(id),
    reopenLog: async (bundle) => {
      const logPath = await logPathOf(bundle);
      if (logPath === undefined) throw conflict("the container is not running");
      await reopenLog(bundle, logPath);
    },
    onExit: (listener) => exits.onExit(listener),
    findExit: (id) => exits.find(id),
    isAlive: (process) => isSameProcess(process),
    list: async () => (await readdir(paths.crunRoot)).filter((name) => !name.startsWith(".")),
    recover: (id, bundle) => recoverContainer(parts, id, bundle),
    [Symbol.asyncDispose]: async () => {
      exits[Symbol.dispose]();
      await cgroups.removeParent();
    },
  };
}
