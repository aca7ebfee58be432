/** Brings records, namespaces and rules together after a start of the daemon. */
import { isNetworkNamespace, listNamespaceFiles, removeNetworkNamespace } from "../../host/namespaces.ts";
import { removeSandbox } from "./remove.ts";
import { hasOwnNamespace, namespacePathOf, publishedPortsOf, type SandboxState } from "./state.ts";

/** Keeps the sandboxes of `live` and removes all others, also those without a record. */
export function reconcileSandboxes(state: SandboxState, live: ReadonlySet<string>): void {
  for (const record of [...state.sandboxes.values()]) {
    if (!live.has(record.id)) removeSandbox(state, record.id);
    else if (hasOwnNamespace(record) && !isNetworkNamespace(namespacePathOf(state, record.id))) {
      state.log.error("the namespace of a running sandbox is no longer pinned", { sandbox: record.id });
    }
  }
  for (const { name, path } of listNamespaceFiles(state.folder)) {
    if (!state.sandboxes.has(name)) removeNetworkNamespace(path);
  }
  const bridges = state.networks.bridgesInUse();
  if (bridges.length === 0) {
    state.firewall.removeAll();
    return;
  }
  for (const { endpoints } of state.sandboxes.values()) {
    for (const endpoint of endpoints) state.networks.segmentOf(endpoint);
  }
  state.firewall.restore(bridges, [...state.sandboxes.values()].flatMap(publishedPortsOf));
}
