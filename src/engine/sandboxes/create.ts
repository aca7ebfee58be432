/**
 * Makes a sandbox. All of it happens synchronously, in about two milliseconds: creations cannot meet, and a killed
 * daemon leaves at most a namespace without a record, which reconciling removes.
 */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { conflict, EscaleError, hasCode, internal, invalid, messageOf } from "../../base/errors.ts";
import { parseAddress } from "../../base/ipv4.ts";
import { createNetworkNamespace, inNetworkNamespace } from "../../host/namespaces.ts";
import {
  addAddress,
  addDefaultRoute,
  createVethPair,
  findLink,
  NETLINK,
  NetlinkSocket,
  setLinkUp,
} from "../../host/netlink/index.ts";
import type { Endpoint, Segment } from "../networks/index.ts";
import type { TakenPort } from "./port-allocator.ts";
import { parsePort, parsePortRequests } from "./port-requests.ts";
import type { SandboxRecord } from "./records.ts";
import { undo } from "./remove.ts";
import type { SandboxSpec } from "./sandboxes.ts";
import { namespacePathOf, publishedPortsOf, type SandboxState } from "./state.ts";
import { defaultSysctls, writeSysctls } from "./sysctls.ts";

const LOOPBACK = 1;

/** Makes a sandbox and gives its record. Errors: those of {@link Sandboxes.create}; nothing is left then. */
export function createSandbox(state: SandboxState, spec: SandboxSpec): SandboxRecord {
  if (!/^[0-9a-f]{64}$/.test(spec.id)) throw invalid(`invalid sandbox id: ${spec.id}`);
  if (state.sandboxes.has(spec.id)) throw conflict(`sandbox ${spec.id} exists`);
  for (const key of spec.exposed) parsePort(key);
  const requests = parsePortRequests(spec.ports, spec.exposed, spec.publishAll);
  let record: SandboxRecord = { id: spec.id, endpoints: [], ports: [], exposed: spec.exposed };
  try {
    for (const [name, requested] of Object.entries(spec.networks)) {
      record = { ...record, endpoints: [...record.endpoints, joined(state, name, spec.id, requested)] };
    }
    if (record.endpoints.some(({ driver }) => driver === "host")) {
      if (record.endpoints.length > 1)
        throw invalid("container cannot be connected to host network and to another one");
    } else {
      makeNamespace(state, record, spec.sysctls ?? {});
      const bridged = record.endpoints.find(({ driver }) => driver === "bridge");
      if (bridged !== undefined) record = { ...record, ports: publish(state, record, bridged, requests) };
    }
    state.records.put(spec.id, record);
    state.sandboxes.set(spec.id, record);
    return record;
  } catch (error) {
    undo(state, record);
    throw error;
  }
}

const containerNetworking = "failed to set up container networking:";

function joined(state: SandboxState, name: string, id: string, requested: SandboxSpec["networks"][string]): Endpoint {
  try {
    return state.networks.join(name, id, requested);
  } catch (error) {
    if (!(error instanceof EscaleError) || error.kind === "invalid") throw error;
    throw new EscaleError(error.kind, `${containerNetworking} ${error.message}`, { cause: error });
  }
}

function makeNamespace(state: SandboxState, { id, endpoints }: SandboxRecord, sysctls: Record<string, string>): void {
  const path = namespacePathOf(state, id);
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
    plugIn(state, { path, inside, endpoint, segment, name: `eth${interfaces}` });
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
}

function plugIn(state: SandboxState, { path, inside, endpoint, segment, name }: Plug): void {
  const { settings } = endpoint;
  makeVeth(state, path, { master: segment.link, mtu: segment.mtu, peer: { name, mac: settings.MacAddress } });
  inNetworkNamespace(path, () => {
    writeFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, "1");
    // Neighbours may know the address by its last holder's hardware address: the kernel tells them when it comes up.
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/arp_notify`, "1");
  });
  const link = findLink(inside, name)?.index;
  const address = parseAddress(settings.IPAddress);
  if (link === undefined || address === undefined)
    throw internal(`interface ${name} of sandbox ${endpoint.sandboxId} is gone`);
  addAddress(inside, { link, address, prefixLength: segment.prefixLength });
  setLinkUp(inside, link);
  if (name === "eth0") addDefaultRoute(inside, segment.gateway);
}

let veths = Math.floor(Math.random() * 36 ** 3);

/** Makes the pair; the name on the host carries the instance's tag and is only unique. */
function makeVeth(
  { netlink, instance }: SandboxState,
  path: string,
  pair: {
    readonly master: number;
    readonly mtu: number;
    readonly peer: { readonly name: string; readonly mac: string };
  },
): void {
  const namespaceFd = openSync(path, "r");
  try {
    for (let tries = 0; ; tries += 1) {
      veths = (veths + 1) % 36 ** 3;
      const name = `${instance.tag}v${veths.toString(36).padStart(3, "0")}`;
      try {
        createVethPair(netlink, { ...pair, name, peer: { ...pair.peer, namespaceFd } });
        return;
      } catch (error) {
        if (!hasCode(error, "EEXIST") || tries === 36 ** 3) throw error;
      }
    }
  } finally {
    closeSync(namespaceFd);
  }
}

function publish(
  state: SandboxState,
  record: SandboxRecord,
  { settings }: Endpoint,
  requests: ReturnType<typeof parsePortRequests>,
): TakenPort[] {
  if (requests.length === 0) return [];
  let ports: TakenPort[] = [];
  try {
    ports = state.ports.take(requests, parseAddress(settings.IPAddress) ?? 0);
    state.firewall.publish(publishedPortsOf({ ...record, ports }));
    return ports;
  } catch (error) {
    state.ports.free(ports);
    const endpoint = `${state.nameOf(record.id)} (${settings.EndpointID})`;
    throw internal(
      `${containerNetworking} driver failed programming external connectivity on endpoint ${endpoint}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
