/** Removes a sandbox. Nothing waits: the kernel takes the namespace and its interfaces down by itself. */
import { removeNetworkNamespace } from "../../host/namespaces.ts";
import type { SandboxRecord } from "./records.ts";
import { hasOwnNamespace, namespacePathOf, publishedPortsOf, type SandboxState } from "./state.ts";

/** Takes back everything that a sandbox has; an absent one is no error. */
export function removeSandbox(state: SandboxState, id: string): void {
  const record = state.sandboxes.get(id);
  if (record === undefined) return;
  undo(state, record);
  state.records.delete(id);
  state.sandboxes.delete(id);
}

/** Takes back what a record names, as far as it was made. */
export function undo(state: SandboxState, record: SandboxRecord): void {
  try {
    state.firewall.unpublish(publishedPortsOf(record));
  } catch (error) {
    // The next change replaces the whole table from what is left to publish.
    state.log.error("cannot take published ports back", { sandbox: record.id, error });
  }
  state.ports.free(record.ports);
  if (hasOwnNamespace(record)) removeNetworkNamespace(namespacePathOf(state, record.id));
  for (const endpoint of record.endpoints) state.networks.leave(endpoint);
}
