/** Host ports: which sandbox has which, and a socket for each so that nobody else on the host takes it. */
import { readFileSync } from "node:fs";
import { hasCode, internal } from "../../base/errors.ts";
import { formatAddress } from "../../base/ipv4.ts";
import { type PortProtocol, type PortReservation, reservePort } from "../../host/port-reservation.ts";
import type { PortRequest } from "./port-requests.ts";

/** A port that a sandbox publishes: what is kept of it on disk. */
export interface TakenPort {
  /** `80/tcp`. */
  readonly key: string;
  readonly protocol: PortProtocol;
  readonly port: number;
  readonly hostAddress: number;
  readonly hostPort: number;
}

/** Gives out host ports. */
export interface PortAllocator {
  /**
   * Takes a host port for each request, all or none; `address` is the container's, for messages. Errors: internal with
   * the part of Docker's text that comes after the endpoint.
   */
  take(requests: readonly PortRequest[], address: number): TakenPort[];
  /** Gives ports back; free ones are no error. */
  free(ports: readonly TakenPort[]): void;
  /** Takes over what an earlier daemon had; gives those that another program holds by now. */
  adopt(ports: readonly TakenPort[]): TakenPort[];
  /** Closes all sockets. */
  close(): void;
}

const unheld: PortReservation = { release: () => {} };

const systemText: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
};

/** Opens the allocator of this network namespace's ports. */
export function openPortAllocator(): PortAllocator {
  /** By protocol and port, then by host address. */
  const taken = new Map<string, Map<number, PortReservation>>();
  /** By protocol: where the search for any free port goes on, so that a port just freed is not given out at once. */
  const cursors = new Map<PortProtocol, number>();
  let ephemeral: { readonly first: number; readonly last: number } | undefined;

  const slot = (protocol: PortProtocol, port: number): string => `${protocol} ${port}`;
  /** The host address by which a port is taken already, or undefined. */
  const holderOf = ({ protocol, hostAddress }: PortRequest, port: number): number | undefined => {
    const holders = taken.get(slot(protocol, port));
    if (holders === undefined) return undefined;
    if (hostAddress === 0) return holders.keys().next().value;
    return [hostAddress, 0].find((address) => holders.has(address));
  };
  const record = ({ protocol, hostAddress }: PortRequest | TakenPort, port: number, held: PortReservation): void => {
    const name = slot(protocol, port);
    const holders = taken.get(name) ?? new Map<number, PortReservation>();
    taken.set(name, holders.set(hostAddress, held));
  };
  const takeOne = (request: PortRequest, port: number): TakenPort => {
    record(request, port, reservePort(request.protocol, request.hostAddress, port));
    const { key, protocol, hostAddress } = request;
    return { key, protocol, port: request.port, hostAddress, hostPort: port };
  };
  const takeExact = (request: PortRequest, hostPort: number, address: number): TakenPort => {
    const holder = holderOf(request, hostPort);
    if (holder !== undefined) {
      throw internal(`Bind for ${formatAddress(holder)}:${hostPort} failed: port is already allocated`);
    }
    try {
      return takeOne(request, hostPort);
    } catch (error) {
      const text = hasCode(error, ...Object.keys(systemText)) ? systemText[error.code] : undefined;
      if (text === undefined) throw error;
      const { protocol, port, hostAddress } = request;
      const binding = `${formatAddress(hostAddress)}:${hostPort}:${formatAddress(address)}:${port}/${protocol}`;
      throw internal(`failed to bind host port for ${binding}: ${text}`, { cause: error });
    }
  };
  const takeAny = (request: PortRequest, first: number, last: number, start: number): TakenPort => {
    const count = last - first + 1;
    for (let tried = 0; tried < count; tried += 1) {
      const port = first + ((start - first + tried) % count);
      if (holderOf(request, port) !== undefined) continue;
      try {
        return takeOne(request, port);
      } catch (error) {
        if (!hasCode(error, "EADDRINUSE", "EACCES")) throw error;
      }
    }
    throw internal("all ports are allocated");
  };
  const takeEphemeral = (request: PortRequest): TakenPort => {
    ephemeral ??= ephemeralRange();
    const { first, last } = ephemeral;
    const port = takeAny(request, first, last, cursors.get(request.protocol) ?? first);
    cursors.set(request.protocol, port.hostPort === last ? first : port.hostPort + 1);
    return port;
  };
  const takeRequest = (request: PortRequest, address: number): TakenPort => {
    const { range } = request;
    if (range === undefined) return takeEphemeral(request);
    if (range.first === range.last) return takeExact(request, range.first, address);
    return takeAny(request, range.first, range.last, range.first);
  };
  const free = (ports: readonly TakenPort[]): void => {
    for (const { protocol, hostAddress, hostPort } of ports) {
      const name = slot(protocol, hostPort);
      const holders = taken.get(name);
      holders?.get(hostAddress)?.release();
      holders?.delete(hostAddress);
      if (holders?.size === 0) taken.delete(name);
    }
  };

  return {
    take: (requests, address) => {
      const ports: TakenPort[] = [];
      try {
        // What leaves no choice goes first.
        const urgency = ({ range }: PortRequest): number =>
          range === undefined ? Number.POSITIVE_INFINITY : range.last - range.first;
        for (const request of [...requests].sort((one, other) => (urgency(one) < urgency(other) ? -1 : 1))) {
          ports.push(takeRequest(request, address));
        }
        return ports;
      } catch (error) {
        free(ports);
        throw error;
      }
    },
    free,
    adopt: (ports) =>
      ports.filter((port) => {
        try {
          record(port, port.hostPort, reservePort(port.protocol, port.hostAddress, port.hostPort));
          return false;
        } catch {
          record(port, port.hostPort, unheld);
          return true;
        }
      }),
    close: () => {
      for (const holders of taken.values()) for (const held of holders.values()) held.release();
      taken.clear();
    },
  };
}

/** The host's range for ports that nobody asked for by number. */
function ephemeralRange(): { first: number; last: number } {
  const [first = 32768, last = 60999] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
    .trim()
    .split(/\s+/)
    .map(Number);
  return { first, last };
}
