import { conflict, internal } from "../../base/errors.ts";
import type { ContainersDeps } from "./deps.ts";
import { isRunning } from "./record.ts";
import { type Container, type ContainerTable, refuseWhileRestarting } from "./table.ts";

type Healths = { begin(container: Container): void; end(container: Container): void };
type InTurn = (container: Container, task: () => Promise<void>) => Promise<void>;

/** Freezes every process of a container. Source: ContainerPause. Errors: not-found, conflict. */
export async function pause(
  deps: ContainersDeps,
  table: ContainerTable,
  inTurn: InTurn,
  healths: Healths,
  id: string,
): Promise<void> {
  const container = table.resolve(id);
  await inTurn(container, async () => {
    const { state } = container.record;
    refuseWhileRestarting(container);
    if (!isRunning(state)) throw conflict(`container ${container.id} is not running`);
    if (state.status === "paused") throw conflict(`Container ${container.id} is already paused`);
    healths.end(container);
    await deps.runtime.pause(container.id);
    table.apply(container, { type: "paused" });
    table.emit(container, "pause");
  });
}

/** Lets a frozen container go on. Source: ContainerUnpause. Errors: not-found, conflict. */
export async function unpause(
  deps: ContainersDeps,
  table: ContainerTable,
  inTurn: InTurn,
  healths: Healths,
  id: string,
): Promise<void> {
  const container = table.resolve(id);
  await inTurn(container, async () => {
    if (container.record.state.status !== "paused") {
      throw internal(`Container ${container.id} is not paused`);
    }
    await deps.runtime.resume(container.id);
    table.apply(container, { type: "unpaused" });
    table.emit(container, "unpause");
    healths.begin(container);
  });
}
