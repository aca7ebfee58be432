/**
 * The text of an engine's own nftables table. Publishing a port changes one element of a map, never a rule.
 *
 *     map exact       proto . host address . host port → container address . port   (-p 127.0.0.1:8080:80)
 *     map any         proto . host port → container address . port                  (-p 8080:80)
 *     prerouting      from outside and from containers: the maps; loopback addresses never come from there
 *     output          from this host, loopback addresses too: the maps
 *     postrouting     containers leave with the host's address; so does what must come back through the host
 *     forward         into a bridge: answers, its own containers and published ports; nothing else
 *     guard           loopback addresses are routed on bridges for the sake of `output`: nobody else may use them
 */
import { formatAddress, formatSubnet, type Subnet } from "../../base/ipv4.ts";
import type { PortProtocol } from "../port-reservation.ts";

/** A bridge whose containers are behind the host's addresses. */
export interface FirewallBridge {
  readonly name: string;
  readonly subnet: Subnet;
}

/** A port of the host that leads to a container's. */
export interface PublishedPort {
  readonly protocol: PortProtocol;
  /** 0 for all addresses of the host. */
  readonly hostAddress: number;
  readonly hostPort: number;
  readonly address: number;
  readonly port: number;
}

/** The element of a map that a published port is, without what it maps to. */
export function keyOf({ protocol, hostAddress, hostPort }: PublishedPort): { map: "any" | "exact"; key: string } {
  if (hostAddress === 0) return { map: "any", key: `${protocol} . ${hostPort}` };
  return { map: "exact", key: `${protocol} . ${formatAddress(hostAddress)} . ${hostPort}` };
}

/** A command that adds or deletes one element. */
export function elementCommand(verb: "add" | "delete", table: string, published: PublishedPort): string {
  const { map, key } = keyOf(published);
  const value = verb === "add" ? ` : ${formatAddress(published.address)} . ${published.port}` : "";
  return `${verb} element ip ${table} ${map} { ${key}${value} }`;
}

function elements(ports: readonly PublishedPort[], map: "any" | "exact"): string {
  const lines = ports
    .map((published) => ({ ...keyOf(published), published }))
    .filter((element) => element.map === map)
    .map(({ key, published }) => `${key} : ${formatAddress(published.address)} . ${published.port}`);
  return lines.length === 0 ? "" : `elements = { ${lines.join(", ")} }`;
}

/** Commands that replace the whole table in one transaction, whether or not it is there. */
export function tableCommands(
  table: string,
  bridges: readonly FirewallBridge[],
  ports: readonly PublishedPort[],
): string {
  const each = (rules: (bridge: FirewallBridge, subnet: string) => string): string =>
    bridges.map((bridge) => rules(bridge, formatSubnet(bridge.subnet))).join("\n");
  return `
add table ip ${table}
delete table ip ${table}
table ip ${table} {
  map exact { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; ${elements(ports, "exact")} }
  map any { type inet_proto . inet_service : ipv4_addr . inet_service; ${elements(ports, "any")} }
  chain published {
    dnat ip to meta l4proto . ip daddr . th dport map @exact
    fib daddr type local dnat ip to meta l4proto . th dport map @any
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ip daddr 127.0.0.0/8 return
    jump published
  }
  chain output {
    type nat hook output priority -100; policy accept;
    fib daddr type local jump published
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    ${each(
      ({ name }, subnet) => `
    ip saddr ${subnet} oifname != "${name}" masquerade
    ip saddr ${subnet} oifname "${name}" ct status dnat masquerade
    ip saddr 127.0.0.0/8 oifname "${name}" masquerade`,
    )}
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ${each(
      ({ name }) => `
    oifname "${name}" ct state established,related accept
    oifname "${name}" iifname "${name}" accept
    oifname "${name}" ct status dnat accept
    oifname "${name}" drop`,
    )}
  }
  chain guard {
    type filter hook prerouting priority -300; policy accept;
    ${each(({ name }) => `iifname "${name}" ip daddr 127.0.0.0/8 drop`)}
  }
}
`;
}
