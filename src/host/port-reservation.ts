/**
 * Holds a port of the host without serving it: a bound socket that does not listen. Packets to a published port are
 * translated before they could reach it; other programs get EADDRINUSE.
 */

import { hasCode } from "../base/errors.ts";
import { addressBytes } from "../base/ipv4.ts";
import { bind, check, closeFd, libc, shutdown, socket } from "./libc.ts";

const setsockopt = libc("int setsockopt(int fd, int level, int option, const void *value, unsigned int length)");
const listen = libc("int listen(int fd, int backlog)");

const AF_INET = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;

/** Protocols that have ports. */
export type PortProtocol = "tcp" | "udp" | "sctp";

const sockets: Readonly<Record<PortProtocol, { readonly type: number; readonly number: number }>> = {
  tcp: { type: 1, number: 6 },
  udp: { type: 2, number: 17 },
  sctp: { type: 1, number: 132 },
};

/** A port that is held until it is released. */
export interface PortReservation {
  release(): void;
}

/**
 * Takes a port of this namespace. Errors: EADDRINUSE, EADDRNOTAVAIL (no such address here), EACCES. SCTP is not held
 * where the kernel cannot make its sockets: nobody else could take the port either.
 */
export function reservePort(protocol: PortProtocol, address: number, port: number): PortReservation {
  const { type, number } = sockets[protocol];
  let fd: number;
  try {
    fd = socket(AF_INET, type | SOCK_CLOEXEC, number);
  } catch (error) {
    if (protocol === "sctp" && hasCode(error, "EPROTONOSUPPORT", "ESOCKTNOSUPPORT")) return { release: () => {} };
    throw error;
  }
  try {
    take(fd, protocol, socketAddress(address, port));
  } catch (error) {
    closeFd(fd);
    throw error;
  }
  return { release: () => closeFd(fd) };
}

/** struct sockaddr_in. */
function socketAddress(address: number, port: number): Buffer {
  const bytes = Buffer.alloc(16);
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) bytes.writeUInt16LE(AF_INET, 0);
  else bytes.writeUInt16BE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  addressBytes(address).copy(bytes, 4);
  return bytes;
}

function take(fd: number, protocol: PortProtocol, address: Buffer): void {
  try {
    bind(fd, address);
  } catch (error) {
    if (protocol !== "tcp" || !hasCode(error, "EADDRINUSE")) throw error;
    // Connections of an earlier server in TIME_WAIT are in the way of a plain bind only. SO_REUSEADDR passes them, but
    // it passes other holders of the kind made here too: only listening tells, and is ended again at once.
    setReuse(fd, true);
    bind(fd, address);
    check(listen(fd, 1), "listen");
    setReuse(fd, false);
    shutdown(fd, 0);
  }
}

function setReuse(fd: number, isOn: boolean): void {
  check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, Uint32Array.of(isOn ? 1 : 0), 4), "setsockopt");
}
