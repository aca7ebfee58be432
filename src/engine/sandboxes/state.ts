/** What the verbs of sandboxes share, and what follows from a record alone. */
import { join } from "node:path";
import { parseAddress } from "../../base/ipv4.ts";
import type { Logger } from "../../base/logger.ts";
import type { Firewall, PublishedPort } from "../../host/firewall/index.ts";
import type { Instance } from "../../host/instance.ts";
import type { NetlinkSocket } from "../../host/netlink/index.ts";
import type { NetworkAttachments } from "../networks/index.ts";
import type { PortAllocator } from "./port-allocator.ts";
import type { SandboxRecord, SandboxRecords } from "./records.ts";

/** What the sandboxes need. */
export interface SandboxDeps {
  readonly instance: Instance;
  readonly networks: NetworkAttachments;
  readonly firewall: Firewall;
  readonly records: SandboxRecords;
  /** A container's name without slash, for messages; the id itself where there is none. */
  readonly nameOf: (sandboxId: string) => string;
  readonly log: Logger;
}

/** The open state that the verbs share. */
export interface SandboxState extends SandboxDeps {
  readonly folder: string;
  readonly netlink: NetlinkSocket;
  readonly ports: PortAllocator;
  readonly sandboxes: Map<string, SandboxRecord>;
}

/** Whether a record has a namespace of its own, rather than the host's. */
export function hasOwnNamespace({ endpoints }: SandboxRecord): boolean {
  return !endpoints.some(({ driver }) => driver === "host");
}

/** The namespace file of a sandbox. */
export function namespacePathOf(state: SandboxState, id: string): string {
  return join(state.folder, id);
}

/** What the packet filter must know of a sandbox. */
export function publishedPortsOf({ endpoints, ports }: SandboxRecord): PublishedPort[] {
  const bridged = endpoints.find(({ driver }) => driver === "bridge");
  const address = bridged === undefined ? undefined : parseAddress(bridged.settings.IPAddress);
  if (address === undefined) return [];
  return ports.map(({ protocol, port, hostAddress, hostPort }) => ({ protocol, port, hostAddress, hostPort, address }));
}
