/** The host's packet filter: address translation and published ports by nftables. Entry point of the noun. */
export { type Firewall, openFirewall } from "./firewall.ts";
export type { FirewallBridge, PublishedPort } from "./ruleset.ts";
