import { parseRfc3339Nano } from "../../base/clock.ts";
import { invalid } from "../../base/errors.ts";
import type { ContainersPruned } from "../../wire/docker/disk-usage.ts";
import { matchesLabelFilters, parseMoment } from "../images/index.ts";
import type { ContainerFilters } from "./containers.ts";
import type { ContainersDeps } from "./deps.ts";
import { isRunning } from "./record.ts";
import type { Container, ContainerTable } from "./table.ts";

/** Milliseconds since 1970 before which `until` wants things made. Errors: invalid with Docker's texts. */
function limitOf(filters: ContainerFilters): number {
  const until = filters.until ?? [];
  if (until.length > 1) throw invalid("more than one until filter specified");
  return until[0] === undefined ? Number.POSITIVE_INFINITY : parseMoment(until[0], Date.now());
}

/**
 * Removes every container that does not run and passes the filters `until`, `label` and `label!`. One that is started
 * or removed meanwhile is left alone. Source: ContainerPrune.
 */
export async function prune(
  deps: ContainersDeps,
  table: ContainerTable,
  filters: ContainerFilters,
  remove: (container: Container) => Promise<void>,
): Promise<ContainersPruned> {
  const limit = limitOf(filters);
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const container of table.visible()) {
    const { state, config, createdAt } = container.record;
    if (isRunning(state) || state.status === "restarting") continue;
    if (Number((parseRfc3339Nano(createdAt) ?? 0n) / 1_000_000n) > limit) continue;
    if (!matchesLabelFilters(config.Labels, filters)) continue;
    try {
      const size = await deps.snapshots.size(container.id);
      await remove(container);
      deleted.push(container.id);
      reclaimed += size;
    } catch (error) {
      deps.log.warn("a container cannot be pruned", { id: container.id, error });
    }
  }
  deps.events.emit("container", "prune", { id: "", attributes: { reclaimed: String(reclaimed) } });
  return { ContainersDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed };
}
