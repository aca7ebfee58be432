/** Brings records and kernel together after a start of the daemon, whatever the last one was killed in the middle of. */
import { parseRfc3339Nano, rfc3339Nano } from "../../base/clock.ts";
import type { RuntimeExit, RuntimeProcess } from "../../host/runtime/index.ts";
import type { ContainersDeps } from "./deps.ts";
import { startsWithDaemon } from "./exited.ts";
import { pathsOf } from "./paths.ts";
import { isChecked, isRunning } from "./record.ts";
import { removeFiles } from "./remove.ts";
import type { Container, ContainerTable } from "./table.ts";

/** Docker's exit code of a container whose end nobody saw: the machine went down under it. */
const exitUnseen = 255;

interface Actions {
  readonly onExit: (exit: RuntimeExit) => Promise<void>;
  readonly start: (container: Container) => Promise<void>;
  readonly restartLater: (container: Container) => void;
}

/** The exit of a container whose record says that it runs, or undefined while it does. */
async function exitOf(deps: ContainersDeps, container: Container): Promise<RuntimeExit | undefined> {
  const { process } = container.record.state;
  const exit = await deps.runtime.findExit(container.id);
  // An exit file older than the start belongs to an earlier run.
  const startedAt = Number((parseRfc3339Nano(container.record.state.startedAt) ?? 0n) / 1_000_000n);
  if (exit !== undefined && exit.at >= startedAt - 1) return exit;
  if (process !== null && deps.runtime.isAlive(process)) return undefined;
  return { id: container.id, exitCode: exitUnseen, oomKilled: false, at: Date.now() };
}

/**
 * A run that the record does not know: the daemon was killed between the runtime's create and the record. What got as
 * far as running is adopted, the rest taken back.
 */
async function settleUnknownRun(deps: ContainersDeps, table: ContainerTable, container: Container): Promise<void> {
  const { bundle } = pathsOf(deps.instance, container.id);
  const process: RuntimeProcess | undefined = await deps.runtime.recover(container.id, bundle);
  if (process !== undefined && deps.runtime.isAlive(process)) {
    const at = rfc3339Nano(BigInt(Date.now()) * 1_000_000n);
    table.apply(container, { type: "started", process, at, isChecked: isChecked(container.record) });
    return;
  }
  await deps.runtime.delete(container.id);
}

/** Runs once, before the doors open. */
export async function reconcile(deps: ContainersDeps, table: ContainerTable, actions: Actions): Promise<void> {
  const atRuntime = new Set(await deps.runtime.list());
  for (const container of table.removing()) {
    await deps.sandboxes.remove(container.id);
    await removeFiles(deps, container);
    table.forget(container);
    atRuntime.delete(container.id);
  }
  const exits: RuntimeExit[] = [];
  const wasUp = new Set<string>();
  for (const container of table.visible()) {
    if (!isRunning(container.record.state)) {
      if (atRuntime.has(container.id)) await settleUnknownRun(deps, table, container);
    }
    if (isRunning(container.record.state)) {
      wasUp.add(container.id);
      await deps.runtime.recover(container.id, pathsOf(deps.instance, container.id).bundle);
      const exit = await exitOf(deps, container);
      if (exit !== undefined) exits.push(exit);
    }
    atRuntime.delete(container.id);
  }
  for (const orphan of atRuntime) {
    await deps.runtime.killAll(orphan);
    await deps.runtime.delete(orphan);
  }
  for (const exit of exits) await actions.onExit(exit);
  const visible = table.visible();
  const live = new Set(visible.filter((each) => isRunning(each.record.state)).map((each) => each.id));
  await deps.sandboxes.reconcile(live);
  await deps.snapshots.reconcile(new Set(visible.map((each) => each.id)), live);
  for (const container of visible) await settleStopped(deps, table, container, wasUp, actions);
}

async function settleStopped(
  deps: ContainersDeps,
  _table: ContainerTable,
  container: Container,
  wasUp: ReadonlySet<string>,
  actions: Actions,
): Promise<void> {
  const { state } = container.record;
  if (isRunning(state)) return;
  if (state.status === "restarting") {
    actions.restartLater(container);
    return;
  }
  if (state.status !== "exited" || wasUp.has(container.id) || !startsWithDaemon(container.record)) return;
  await actions.start(container).catch((error: unknown) => {
    deps.log.warn("starting a container with the daemon", { id: container.id, error });
  });
}
