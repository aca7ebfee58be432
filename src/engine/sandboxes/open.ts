/** Opens the sandboxes of an engine. */
import { join } from "node:path";
import { prepareNamespaceFolder, removeNamespaceFolder } from "../../host/namespaces.ts";
import { NETLINK, NetlinkSocket } from "../../host/netlink/index.ts";
import { createSandbox } from "./create.ts";
import { unplug } from "./namespace.ts";
import { openPortAllocator } from "./port-allocator.ts";
import { portMapOf } from "./port-requests.ts";
import { reconcileSandboxes } from "./reconcile.ts";
import type { SandboxRecord } from "./records.ts";
import { removeSandbox } from "./remove.ts";
import type { Sandbox, Sandboxes } from "./sandboxes.ts";
import { hasOwnNamespace, namespacePathOf, type SandboxDeps, type SandboxState } from "./state.ts";

/** How often the firewall is looked after, in milliseconds. */
const VERIFY_INTERVAL = 5000;

/**
 * Opens the sandboxes and takes over those that an earlier daemon left; {@link Sandboxes.reconcile} then sorts them.
 * Disposing leaves the sandboxes; what no sandbox needs any more (the packet filter's table, the namespace folder) goes.
 */
export async function openSandboxes(deps: SandboxDeps): Promise<Sandboxes> {
  const state: SandboxState = {
    ...deps,
    folder: join(deps.instance.execRoot, "netns"),
    netlink: new NetlinkSocket(NETLINK.ROUTE),
    ports: openPortAllocator(),
    sandboxes: new Map(),
  };
  prepareNamespaceFolder(state.folder);
  for (const record of deps.records.all()) {
    state.sandboxes.set(record.id, record);
    for (const endpoint of record.endpoints) deps.networks.adopt(endpoint);
    const lost = state.ports.adopt(record.ports);
    if (lost.length > 0) deps.log.warn("another program took ports of a sandbox", { sandbox: record.id, ports: lost });
  }
  const timer = setInterval(() => verifyFirewall(state), VERIFY_INTERVAL).unref();
  return {
    create: async (spec) => sandboxOf(state, createSandbox(state, spec)),
    get: (id) => {
      const record = state.sandboxes.get(id);
      return record === undefined ? undefined : sandboxOf(state, record);
    },
    remove: async (id, options) => {
      if (options?.isShared) unplug(state, id);
      removeSandbox(state, id);
    },
    reconcile: async (live) => reconcileSandboxes(state, live),
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      state.ports.close();
      state.netlink.close();
      if (deps.networks.bridgesInUse().length === 0) deps.firewall.removeAll();
      removeNamespaceFolder(state.folder);
    },
  };
}

function verifyFirewall({ firewall, log }: SandboxState): void {
  try {
    if (firewall.verify()) log.warn("the rules of the packet filter were gone and are put back");
  } catch (error) {
    log.error("cannot look after the packet filter", { error });
  }
}

function sandboxOf(state: SandboxState, record: SandboxRecord): Sandbox {
  const isBridged = record.endpoints.some(({ driver }) => driver === "bridge");
  return {
    id: record.id,
    namespacePath: hasOwnNamespace(record) ? namespacePathOf(state, record.id) : "/proc/self/ns/net",
    endpoints: Object.fromEntries(record.endpoints.map(({ network, settings }) => [network, settings])),
    ports: isBridged ? portMapOf(record.ports, record.exposed) : {},
  };
}
