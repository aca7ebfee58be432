import { EscaleError, invalid } from "../../base/errors.ts";
import { checkName } from "./names.ts";
import type { ContainerTable } from "./table.ts";

/** Runs `task` and says in its error what was being done, as Docker does. */
function allocating<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (!(error instanceof EscaleError)) throw error;
    throw new EscaleError(error.kind, `Error when allocating new name: ${error.message}`, { cause: error });
  }
}

/** Gives a container another name. Source: ContainerRename. Errors: not-found, invalid, conflict. */
export function rename(table: ContainerTable, id: string, name: string): void {
  const container = table.resolve(id);
  if (name === "" || container.record.name === "") throw invalid("Neither old nor new names may be empty");
  const bare = allocating(() => checkName(name));
  const oldName = container.record.name;
  if (bare === oldName) throw invalid("Renaming a container with the same name as its current name");
  allocating(() => table.reserve(bare, container.id));
  table.update(container, { name: bare });
  table.release(bare);
  table.emit(container, "rename", { oldName: `/${oldName}` });
}
