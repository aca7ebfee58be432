/**
 * What a network is: a segment that sandboxes join, with its subnet, gateway and way to the outside.
 * Built in are `bridge`, `host` and `none`. Life of the bridge on the host: made when the first sandbox joins, left in
 * place while the daemon is away, removed when the daemon stops and no sandbox is on it.
 */

import type { FirewallBridge } from "../../host/firewall/index.ts";
import type { EndpointSettings, NetworkInspect } from "../../wire/docker/networks.ts";

/** All networks of this engine. */
export interface Networks extends AsyncDisposable {
  list(): NetworkInspect[];
  /** By name, id or unique prefix of an id. Errors: not-found `network NAME not found`. */
  inspect(nameOrId: string): NetworkInspect;
}

/** A sandbox's place in a network: what is kept of it on disk. */
export interface Endpoint {
  readonly sandboxId: string;
  readonly network: string;
  readonly driver: "bridge" | "host" | "null";
  readonly settings: EndpointSettings;
}

/** Where to plug a sandbox in. */
export interface Segment {
  readonly bridge: string;
  /** Index of the bridge's interface. */
  readonly link: number;
  readonly gateway: number;
  readonly prefixLength: number;
  readonly mtu: number;
}

/** The side of networks that sandboxes use. */
export interface NetworkAttachments {
  /**
   * Takes an address in a network. Errors: not-found, invalid and conflict with Docker's texts for addresses asked for.
   */
  join(nameOrId: string, sandboxId: string, requested: Partial<EndpointSettings>): Endpoint;
  /** Gives the address back; a second time is no error. */
  leave(endpoint: Endpoint): void;
  /** Takes an endpoint over that an earlier daemon made. */
  adopt(endpoint: Endpoint): void;
  /** The bridge of an endpoint, made if it is not there; undefined where the network has none. */
  segmentOf(endpoint: Endpoint): Segment | undefined;
  /** The bridges that sandboxes are on. */
  bridgesInUse(): FirewallBridge[];
}
