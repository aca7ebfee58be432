import { rm } from "node:fs/promises";
import { conflict } from "../../base/errors.ts";
import type { ContainersDeps } from "./deps.ts";
import { pathsOf } from "./paths.ts";
import { isRunning } from "./record.ts";
import { hasNetworkGuests } from "./shared-namespaces.ts";
import { unmountShm } from "./shm.ts";
import type { Container, ContainerTable } from "./table.ts";

/**
 * Removes a container that does not run; the caller holds its turn. It is gone for users at once; its files follow,
 * also after a kill of the daemon, since the record says `removing` until the last of them is deleted.
 */
export async function removeInTurn(deps: ContainersDeps, table: ContainerTable, container: Container): Promise<void> {
  const { exitCode } = container.record.state;
  await leaveSandbox(deps, table, container);
  table.note(container, { type: "removing" });
  table.emit(container, "destroy");
  for (const pending of container.pendingAttachments) pending.cancelled();
  container.ended.resolve();
  for (const waiter of container.waiters) waiter.resolve(exitCode);
  container.waiters.clear();
  await removeFiles(deps, container);
  table.forget(container);
}

/** Takes back namespace, addresses and ports; what a full disk keeps is removed at the next start of the daemon. */
export async function leaveSandbox(deps: ContainersDeps, table: ContainerTable, container: Container): Promise<void> {
  const isShared = hasNetworkGuests(table, container);
  await deps.sandboxes.remove(container.id, { isShared }).catch((error: unknown) => {
    deps.log.error("removing the sandbox of a container", { id: container.id, error });
  });
}

/** Deletes everything of a container that is marked for removal; may be repeated. */
export async function removeFiles(deps: ContainersDeps, container: Container): Promise<void> {
  const paths = pathsOf(deps.instance, container.id);
  await deps.runtime.delete(container.id);
  unmountShm(paths);
  await deps.snapshots.remove(container.id);
  await Promise.all([
    rm(paths.bundle, { recursive: true, force: true }),
    rm(paths.folder, { recursive: true, force: true }),
  ]);
}

/** Errors: conflict with Docker's texts, when it runs or is paused and force was not asked for. */
export function refuseToRemove(container: Container, name: string, force: boolean): void {
  const { state } = container.record;
  if (force) return;
  if (state.status === "paused") {
    throw conflict(`cannot remove container "${name}": container is paused and must be unpaused first`);
  }
  if (isRunning(state)) {
    throw conflict(
      `cannot remove container "${name}": container is running: stop the container before removing or force remove`,
    );
  }
  if (state.status === "restarting") {
    throw conflict(
      `cannot remove container "${name}": container is restarting: stop the container before removing or force remove`,
    );
  }
}
