import { isSameProcess, readStatus } from "./exits.ts";
import { isMonitor, readMonitorPid, readReport, waitForReport } from "./monitor.ts";
import type { RuntimeParts } from "./parts.ts";
import type { RuntimeProcess } from "./runtime.ts";

/**
 * Takes up a container of an earlier daemon: waits for a create that is still under way, and watches what runs. Gives
 * undefined when the create failed, or never began, or the machine was restarted since.
 */
export async function recoverContainer(
  parts: RuntimeParts,
  id: string,
  bundle: string,
): Promise<RuntimeProcess | undefined> {
  const monitorPid = await readMonitorPid(bundle);
  if (monitorPid === undefined) return undefined;
  let report = await readReport(bundle);
  if (report === undefined && isMonitor(monitorPid, bundle)) {
    report = await waitForReport(bundle, Promise.resolve(monitorPid));
  }
  if (report === undefined || "failure" in report) return undefined;
  const status = await readStatus(parts.paths, id);
  if (status === undefined || status.pid !== report.pid) return undefined;
  const process = { pid: report.pid, monitorPid, startTime: String(status["process-start-time"]) };
  if (isSameProcess(process) || isMonitor(monitorPid, bundle)) parts.exits.follow(id, bundle, process);
  return process;
}
