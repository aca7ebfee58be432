import { rm } from "node:fs/promises";
import { runCrun } from "./crun.ts";
import { isSameProcess, readStatus } from "./exits.ts";
import type { RuntimeParts } from "./parts.ts";

/**
 * Removes the cgroups and crun's state of a container by their files. One that still has processes, because it was
 * never started or shares the host's PID namespace, is left to `crun delete --force`, which kills them.
 */
export async function deleteContainer(parts: RuntimeParts, id: string): Promise<void> {
  parts.exits.forget(id);
  const status = await readStatus(parts.paths, id);
  const isRunning =
    status !== undefined && isSameProcess({ pid: status.pid, startTime: String(status["process-start-time"]) });
  if (isRunning || !(await parts.cgroups.remove(id))) {
    await runCrun(parts, ["delete", "--force", id]);
    await parts.cgroups.killAll(id);
    await parts.cgroups.remove(id);
  }
  await Promise.all([
    rm(parts.paths.state(id), { recursive: true, force: true }),
    rm(parts.paths.exit(id), { force: true }),
  ]);
}
