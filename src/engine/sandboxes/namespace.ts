/** A sandbox's namespace: its interfaces, addresses and settings. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { hasCode, internal } from "../../base/errors.ts";
import { parseAddress } from "../../base/ipv4.ts";
import { createNetworkNamespace, inNetworkNamespace, removeNetworkNamespace } from "../../host/namespaces.ts";
import {
  addAddress,
  addDefaultRoute,
  createVethPair,
  findLink,
  NETLINK,
  NetlinkSocket,
  setHairpin,
  setLinkDown,
  setLinkUp,
} from "../../host/netlink/index.ts";
import type { Endpoint, Segment } from "../networks/index.ts";
import type { SandboxRecord } from "./records.ts";
import { hasOwnNamespace, namespacePathOf, type SandboxState } from "./state.ts";
import { defaultSysctls, writeSysctls } from "./sysctls.ts";

const LOOPBACK = 1;

/**
 * Makes the namespace of a record, with its interfaces and settings. What is at its place was left by a daemon that was
 * killed. On failure the namespace may be left.
 */
export function makeNamespace(
  state: SandboxState,
  { id, endpoints, ports }: SandboxRecord,
  sysctls: Readonly<Record<string, string>>,
): void {
  const path = namespacePathOf(state, id);
  removeNetworkNamespace(path);
  using inside = createNetworkNamespace(path, () => {
    // Before interfaces come: those made later take these as their defaults.
    writeSysctls(defaultSysctls);
    return new NetlinkSocket(NETLINK.ROUTE);
  });
  setLinkUp(inside, LOOPBACK);
  let interfaces = 0;
  for (const endpoint of endpoints) {
    const segment = state.networks.segmentOf(endpoint);
    if (segment === undefined) continue;
    plugIn(state, { path, inside, endpoint, segment, name: `eth${interfaces}`, isPublished: ports.length > 0 });
    interfaces += 1;
  }
  if (Object.keys(sysctls).length > 0) inNetworkNamespace(path, () => writeSysctls(sysctls));
}

interface Plug {
  readonly path: string;
  readonly inside: NetlinkSocket;
  readonly endpoint: Endpoint;
  readonly segment: Segment;
  readonly name: string;
  readonly isPublished: boolean;
}

function plugIn(state: SandboxState, { path, inside, endpoint, segment, name, isPublished }: Plug): void {
  const { settings } = endpoint;
  const pair = { master: segment.link, mtu: segment.mtu, peer: { name, mac: settings.MacAddress } };
  const outside = makeVeth(state, path, pair);
  if (isPublished) setHairpin(state.netlink, findLink(state.netlink, outside)?.index ?? 0);
  inNetworkNamespace(path, () => writeInterfaceSettings(name));
  const link = findLink(inside, name)?.index;
  const address = parseAddress(settings.IPAddress);
  if (link === undefined || address === undefined)
    throw internal(`interface ${name} of sandbox ${endpoint.sandboxId} is gone`);
  addAddress(inside, { link, address, prefixLength: segment.prefixLength });
  setLinkUp(inside, link);
  if (name === "eth0") addDefaultRoute(inside, segment.gateway);
}

/** Takes a sandbox's interfaces down, for the sake of those who get its addresses next. Never throws. */
export function unplug(state: SandboxState, id: string): void {
  const record = state.sandboxes.get(id);
  if (record === undefined || !hasOwnNamespace(record)) return;
  try {
    using inside = inNetworkNamespace(namespacePathOf(state, id), () => new NetlinkSocket(NETLINK.ROUTE));
    for (const index of record.endpoints.keys()) {
      const link = findLink(inside, `eth${index}`);
      if (link !== undefined) setLinkDown(inside, link.index);
    }
  } catch (error) {
    // The rest of the sandbox goes all the same.
    state.log.error("cannot take the interfaces of a sandbox down", { sandbox: id, error });
  }
}

function writeInterfaceSettings(name: string): void {
  // Neighbours may know the address by its last holder's hardware address: the kernel tells them when it comes up.
  writeFileSync(`/proc/sys/net/ipv4/conf/${name}/arp_notify`, "1");
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, "1");
  } catch (error) {
    // The kernel was started without IPv6.
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

let veths = Math.floor(Math.random() * 36 ** 3);

/** Makes the pair; gives its name on the host, which carries the instance's tag and is only unique. */
function makeVeth(
  { netlink, instance }: SandboxState,
  path: string,
  pair: {
    readonly master: number;
    readonly mtu: number;
    readonly peer: { readonly name: string; readonly mac: string };
  },
): string {
  const namespaceFd = openSync(path, "r");
  try {
    for (let tries = 0; ; tries += 1) {
      veths = (veths + 1) % 36 ** 3;
      const name = `${instance.tag}v${veths.toString(36).padStart(3, "0")}`;
      try {
        createVethPair(netlink, { ...pair, name, peer: { ...pair.peer, namespaceFd } });
        return name;
      } catch (error) {
        if (!hasCode(error, "EEXIST") || tries === 36 ** 3) throw error;
      }
    }
  } finally {
    closeSync(namespaceFd);
  }
}
