import { conflict } from "../../base/errors.ts";
import type { ContainersDeps } from "./deps.ts";
import { pathsOf } from "./paths.ts";
import { isRunning } from "./record.ts";
import type { ContainerTable } from "./table.ts";

/** Sets the size of a container's terminal. Source: ContainerResize. Errors: not-found, conflict when it does not run. */
export async function resize(
  deps: ContainersDeps,
  table: ContainerTable,
  id: string,
  size: { width: number; height: number },
): Promise<void> {
  const container = table.resolve(id);
  if (!isRunning(container.record.state)) throw conflict(`container ${container.id} is not running`);
  await deps.runtime.resize(pathsOf(deps.instance, container.id).bundle, size);
  table.emit(container, "resize", { height: String(size.height), width: String(size.width) });
}
