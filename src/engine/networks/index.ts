/** Networks: the segments that sandboxes join. Entry point of the noun. */
export type { NetworkState, NetworkStorage } from "./built-in.ts";
export type { Endpoint, NetworkAttachments, Networks, Segment } from "./networks.ts";
export { type NetworkDeps, type NetworkOptions, openNetworks } from "./open.ts";
export { networkFile } from "./storage.ts";
export type { SubnetPool } from "./subnets.ts";
