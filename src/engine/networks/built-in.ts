/** The networks that every engine has: their identity, kept over restarts, and how inspect shows them. */
import { newId } from "../../base/ids.ts";
import { formatAddress, formatSubnet, type Subnet } from "../../base/ipv4.ts";
import type { IpamPool, NetworkInspect } from "../../wire/docker/networks.ts";

/** Names of the built-in networks. */
export type BuiltInName = "bridge" | "host" | "none";

/** Driver of each built-in network. */
export const driverOf: Readonly<Record<BuiltInName, "bridge" | "host" | "null">> = {
  bridge: "bridge",
  host: "host",
  none: "null",
};

/** What is kept on disk about the built-in networks. */
export interface NetworkState {
  /** By name. `created` is RFC 3339. */
  readonly networks: Readonly<Record<BuiltInName, { readonly id: string; readonly created: string }>>;
  /** Of the network `bridge`; addresses as numbers. */
  readonly bridge: { readonly subnet: Subnet; readonly gateway: number };
}

/** Where {@link NetworkState} is kept. */
export interface NetworkStorage {
  load(): NetworkState | undefined;
  save(state: NetworkState): void;
}

/** New identities for the built-in networks. */
export function newNetworkState(bridge: NetworkState["bridge"]): NetworkState {
  const identity = (): { id: string; created: string } => ({ id: newId(), created: new Date().toISOString() });
  return { networks: { bridge: identity(), host: identity(), none: identity() }, bridge };
}

/** A built-in network as inspect shows it, without its containers. */
export function describe(
  name: BuiltInName,
  state: NetworkState,
  bridge: { readonly name: string; readonly mtu: number },
): NetworkInspect {
  const { id, created } = state.networks[name];
  const pool: IpamPool = {
    Subnet: formatSubnet(state.bridge.subnet),
    Gateway: formatAddress(state.bridge.gateway),
  };
  const options = {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.enable_icc": "true",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
    "com.docker.network.bridge.name": bridge.name,
    "com.docker.network.driver.mtu": String(bridge.mtu),
  };
  return {
    Name: name,
    Id: id,
    Created: created,
    Scope: "local",
    Driver: driverOf[name],
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: name === "bridge" ? [pool] : null },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: {},
    Options: name === "bridge" ? options : {},
    Labels: {},
  };
}
