/** What `HostConfig.PortBindings` asks for, read and checked. */
import { invalid, unsupported } from "../../base/errors.ts";
import { formatAddress, parseAddress } from "../../base/ipv4.ts";
import type { PortProtocol } from "../../host/port-reservation.ts";
import type { PortMap } from "../../wire/docker/containers.ts";

/** One port to publish. */
export interface PortRequest {
  /** `80/tcp`. */
  readonly key: string;
  readonly protocol: PortProtocol;
  readonly port: number;
  /** 0 for all addresses of the host. */
  readonly hostAddress: number;
  /** Host ports to choose from; undefined for any free one. */
  readonly range: { readonly first: number; readonly last: number } | undefined;
}

const protocols: readonly string[] = ["tcp", "udp", "sctp"];

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw invalid(`invalid port specification: "${text}"`);
  return port;
}

/** Reads `80/tcp` or `80`. Errors: invalid. */
export function parsePort(key: string): { readonly port: number; readonly protocol: PortProtocol } {
  const [port = "", protocol = "tcp"] = key.toLowerCase().split("/");
  if (!protocols.includes(protocol)) throw invalid(`invalid proto: ${protocol}`);
  return { port: portNumber(port), protocol: protocol as PortProtocol };
}

function parseRange(text: string): PortRequest["range"] {
  if (text === "" || text === "0") return undefined;
  const [first = "", last = first] = text.split("-");
  const range = { first: portNumber(first), last: portNumber(last) };
  if (range.first === 0 || range.last < range.first || text.split("-").length > 2) {
    throw invalid(`invalid port specification: "${text}"`);
  }
  return range;
}

function parseHostAddress(text: string): number {
  if (text === "") return 0;
  const address = parseAddress(text);
  if (address !== undefined) return address;
  if (text.includes(":")) throw unsupported(`publishing on the IPv6 address ${text} is not built`);
  throw invalid(`invalid IP address: ${text}`);
}

/**
 * All ports to publish; with `publishAll` also those exposed that have no binding, each on any free port. Errors:
 * invalid with Docker's text, unsupported for IPv6 addresses.
 */
export function parsePortRequests(ports: PortMap, exposed: readonly string[], publishAll: boolean): PortRequest[] {
  const requests: PortRequest[] = [];
  for (const [key, bindings] of Object.entries(ports)) {
    const { port, protocol } = parsePort(key);
    for (const { HostIp = "", HostPort = "" } of bindings ?? []) {
      const hostAddress = parseHostAddress(HostIp);
      requests.push({ key: `${port}/${protocol}`, protocol, port, hostAddress, range: parseRange(HostPort) });
    }
  }
  if (!publishAll) return requests;
  for (const key of [...exposed].sort(byPort)) {
    const { port, protocol } = parsePort(key);
    const full = `${port}/${protocol}`;
    if (requests.some((request) => request.key === full)) continue;
    requests.push({ key: full, protocol, port, hostAddress: 0, range: undefined });
  }
  return requests;
}

/** `53/udp` before `80/tcp`: by number, then by protocol. */
export function byPort(one: string, other: string): number {
  return Number.parseInt(one, 10) - Number.parseInt(other, 10) || one.localeCompare(other);
}

/** The port map that inspect shows: what is published, and the exposed rest as null. */
export function portMapOf(
  published: readonly { readonly key: string; readonly hostAddress: number; readonly hostPort: number }[],
  exposed: readonly string[],
): PortMap {
  const keys = [...exposed.map(normalized), ...published.map(({ key }) => key)];
  const map: PortMap = {};
  for (const key of [...new Set(keys)].sort(byPort)) {
    const bindings = published
      .filter((port) => port.key === key)
      .sort((one, other) => one.hostPort - other.hostPort)
      .map(({ hostAddress, hostPort }) => ({ HostIp: formatAddress(hostAddress), HostPort: String(hostPort) }));
    map[key] = bindings.length === 0 ? null : bindings;
  }
  return map;
}

function normalized(key: string): string {
  const { port, protocol } = parsePort(key);
  return `${port}/${protocol}`;
}
