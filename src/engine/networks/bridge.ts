/** The Linux bridge behind a bridge network. */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { addressBytes, formatSubnet, overlaps, type Subnet } from "../../base/ipv4.ts";
import {
  addAddress,
  createBridge,
  findLink,
  listAddresses,
  listRoutes,
  type NetlinkSocket,
} from "../../host/netlink/index.ts";

/** A bridge as it should be. */
export interface BridgePlan {
  readonly name: string;
  readonly subnet: Subnet;
  readonly gateway: number;
  readonly mtu: number;
}

/** A random address of an interface, locally administered, as Docker 28 makes them. */
function randomMac(): string {
  const bytes = randomBytes(6);
  bytes.writeUInt8((bytes.readUInt8(0) & 0xfe) | 0x02, 0);
  return bytes.toString("hex").replace(/(..)(?=.)/g, "$1:");
}

/**
 * The hardware address of an interface with this IPv4 address. The next holder of the address has the same one, so that
 * neighbours who know it are right: the kernel does not hear a gratuitous ARP within a second of the last.
 */
export function macOf(address: number): string {
  return `02:42:${addressBytes(address)
    .toString("hex")
    .replace(/(..)(?=.)/g, "$1:")}`;
}

/** The subnets that this host uses or has a way to, other than those of the interface `own`. */
export function subnetsInUse(socket: NetlinkSocket, own: string): Subnet[] {
  const mine = findLink(socket, own)?.index;
  const routes = listRoutes(socket).filter(({ link, destination }) => link !== mine && destination.prefixLength > 0);
  const addresses = listAddresses(socket).filter(({ link }) => link !== mine);
  return [...routes.map(({ destination }) => destination), ...addresses.map(({ subnet }) => subnet)];
}

/** Makes the bridge, and the host forward; what is there already is left. Gives the interface's index. */
export function ensureBridge(socket: NetlinkSocket, { name, subnet, gateway, mtu }: BridgePlan): number {
  if (findLink(socket, name) === undefined) createBridge(socket, { name, mac: randomMac(), mtu });
  const link = findLink(socket, name)?.index ?? 0;
  if (!listAddresses(socket).some((present) => present.link === link && present.address === gateway)) {
    addAddress(socket, { link, address: gateway, prefixLength: subnet.prefixLength });
  }
  // Ports published on loopback addresses reach containers through the bridge; the firewall guards what this allows.
  setting(`ipv4/conf/${name}/route_localnet`, "1");
  setting("ipv4/ip_forward", "1");
  return link;
}

/** Writing a setting to what it is has effects of its own on ip_forward: it is only written when it differs. */
function setting(name: string, value: string): void {
  const path = `/proc/sys/net/${name}`;
  if (readFileSync(path, "utf8").trim() !== value) writeFileSync(path, value);
}

/** Which subnet in use a subnet collides with, as text, or undefined. */
export function collisionOf(subnet: Subnet, inUse: readonly Subnet[]): string | undefined {
  const other = inUse.find((used) => overlaps(used, subnet));
  return other === undefined ? undefined : formatSubnet(other);
}
