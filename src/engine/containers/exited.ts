/** What follows the end of a container's first process: its record, those who wait, its restart, its cleaning up. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseRfc3339Nano, rfc3339Nano } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import type { RuntimeExit } from "../../host/runtime/index.ts";
import type { ContainersDeps } from "./deps.ts";
import { pathsOf } from "./paths.ts";
import { type ContainerRecord, isRunning } from "./record.ts";
import { leaveSandbox, removeInTurn } from "./remove.ts";
import { unmountShm } from "./shm.ts";
import { startInTurn } from "./start.ts";
import type { Container, ContainerTable } from "./table.ts";

/** After a run this long, in nanoseconds, the next restart starts over with the shortest delay. */
const healthyRun = 10_000_000_000n;
const shortestDelay = 100;
const longestDelay = 60_000;

/** Whether a container that ended so is to be started again. Pure. */
export function shouldRestart(record: ContainerRecord, exitCode: number): boolean {
  const { Name, MaximumRetryCount } = record.hostConfig.RestartPolicy;
  if (record.wasStoppedByUser) return false;
  if (Name === "always" || Name === "unless-stopped") return true;
  return (
    Name === "on-failure" && exitCode !== 0 && (MaximumRetryCount === 0 || record.restartCount < MaximumRetryCount)
  );
}

/** Whether a container that has ended is started with the daemon; a manual stop counts for `unless-stopped` alone. Pure. */
export function startsWithDaemon(record: ContainerRecord): boolean {
  const { Name } = record.hostConfig.RestartPolicy;
  const wasStoppedByUser = Name === "unless-stopped" && record.wasStoppedByUser;
  return shouldRestart({ ...record, wasStoppedByUser }, record.state.exitCode);
}

function release(container: Container, isOver: boolean): void {
  const { exitCode } = container.record.state;
  for (const waiter of container.waiters) {
    if (waiter.condition === "removed" || (waiter.condition === "not-running" && !isOver)) continue;
    container.waiters.delete(waiter);
    waiter.resolve(exitCode);
  }
}

/** Ends the waiting of a container for its next restart: it stays as it is. */
export function giveUpRestarting(table: ContainerTable, container: Container): void {
  container.restartTimer?.abort();
  table.apply(container, { type: "gave-up-restarting" });
  release(container, true);
}

/**
 * Takes note of an exit and brings everything after it about; the caller holds the container's turn. The order answers
 * first: ports are free and those who wait know before the file system is unmounted.
 */
export async function handleExitInTurn(
  deps: ContainersDeps,
  table: ContainerTable,
  container: Container,
  exit: RuntimeExit,
  restartLater: (container: Container) => void,
): Promise<void> {
  const { record } = container;
  if (!isRunning(record.state)) return;
  const at = BigInt(Math.round(exit.at * 1000)) * 1000n;
  const willRestart = shouldRestart(record, exit.exitCode);
  const started = parseRfc3339Nano(record.state.startedAt) ?? at;
  const duration = at - started;
  await leaveSandbox(deps, table, container);
  const { exitCode, oomKilled } = exit;
  table.note(
    container,
    { type: "exited", exitCode, oomKilled, at: rfc3339Nano(at), willRestart },
    willRestart ? { restartCount: record.restartCount + 1 } : {},
  );
  if (container.isStopping) table.emit(container, "stop");
  container.isStopping = false;
  if (exit.oomKilled) table.emit(container, "oom");
  table.emit(container, "die", {
    execDuration: String(duration / 1_000_000_000n),
    exitCode: String(exit.exitCode),
  });
  container.ended.resolve();
  release(container, !willRestart);
  if (willRestart) {
    container.restartDelay =
      duration >= healthyRun || container.restartDelay === 0
        ? shortestDelay
        : Math.min(container.restartDelay * 2, longestDelay);
  }
  const isLeaving = !willRestart && record.hostConfig.AutoRemove;
  if (isLeaving) {
    await removeInTurn(deps, table, container);
  } else {
    await deps.runtime.delete(container.id);
    unmountShm(pathsOf(deps.instance, container.id));
    await deps.snapshots.unmount(container.id);
    if (willRestart) restartLater(container);
  }
}

/** Waits out the delay, then starts the container again in its turn, unless it is stopped or removed meanwhile. */
export async function restartAfterDelay(
  deps: ContainersDeps,
  table: ContainerTable,
  container: Container,
  inTurn: (task: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const timer = new AbortController();
  container.restartTimer = timer;
  await sleep(container.restartDelay, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
  if (timer.signal.aborted) return;
  await inTurn(async () => {
    if (container.record.state.status !== "restarting") return;
    try {
      await startInTurn(deps, table, container);
    } catch (error) {
      deps.log.warn("restarting a container", { id: container.id, error: messageOf(error) });
      release(container, true);
    }
  });
}
