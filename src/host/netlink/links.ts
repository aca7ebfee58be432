/** Network interfaces: RTM_*LINK of rtnetlink(7). */
import { hasCode } from "../../base/errors.ts";
import { type Attribute, decodeAttributes, number, readNumber, readText, text } from "./message.ts";
import { type NetlinkSocket, NLM } from "./socket.ts";

const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_SETLINK = 19;
const AF_BRIDGE = 7;
const NLA_F_NESTED = 0x8000;
const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, MASTER: 10, PROTINFO: 12, LINKINFO: 18, NET_NS_FD: 28 } as const;
const IFLA_INFO = { KIND: 1, DATA: 2 } as const;
const VETH_INFO_PEER = 1;
const IFLA_BRPORT_MODE = 4;
const IFF_UP = 1;

/** An interface of the namespace that the socket belongs to. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** `02:00:5e:10:00:01`. */
  readonly mac: string;
  readonly isUp: boolean;
  /** Index of the bridge that it is a port of; 0 for none. */
  readonly master: number;
}

/** A bridge to make, up at once. */
export interface BridgeOptions {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
}

/** A pair of interfaces: one here, up and a port of a bridge; its peer in another namespace, down. */
export interface VethOptions {
  readonly name: string;
  /** Index of the bridge. */
  readonly master: number;
  readonly mtu: number;
  readonly peer: {
    readonly name: string;
    readonly mac: string;
    /** An open file of the namespace that it is put in. */
    readonly namespaceFd: number;
  };
}

/** struct ifinfomsg. */
function linkHeader(index: number, flags: number, change: number): Buffer {
  return Buffer.concat([number(4, 0), number(4, index), number(4, flags), number(4, change)]);
}

const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(":", ""), "hex");

function kind(name: string, data: readonly Attribute[]): Attribute {
  return {
    type: IFLA.LINKINFO,
    value: [
      { type: IFLA_INFO.KIND, value: text(name) },
      { type: IFLA_INFO.DATA, value: data },
    ],
  };
}

/** Makes a bridge. Its address is set so that it does not change with its ports. Errors: EEXIST. */
export function createBridge(socket: NetlinkSocket, { name, mac, mtu }: BridgeOptions): void {
  socket.change({
    type: RTM_NEWLINK,
    flags: NLM.CREATE | NLM.EXCL,
    header: linkHeader(0, IFF_UP, IFF_UP),
    attributes: [
      { type: IFLA.IFNAME, value: text(name) },
      { type: IFLA.ADDRESS, value: macBytes(mac) },
      { type: IFLA.MTU, value: number(4, mtu) },
      kind("bridge", []),
    ],
    subject: `NEWLINK bridge ${name}`,
  });
}

/**
 * Makes a veth pair in one message. It goes with the peer's namespace: deleting it by hand would hold the kernel's
 * network lock over an RCU grace period. Errors: EEXIST when a name is taken.
 */
export function createVethPair(socket: NetlinkSocket, { name, master, mtu, peer }: VethOptions): void {
  socket.change({
    type: RTM_NEWLINK,
    flags: NLM.CREATE | NLM.EXCL,
    header: linkHeader(0, IFF_UP, IFF_UP),
    attributes: [
      { type: IFLA.IFNAME, value: text(name) },
      { type: IFLA.MTU, value: number(4, mtu) },
      { type: IFLA.MASTER, value: number(4, master) },
      kind("veth", [
        {
          type: VETH_INFO_PEER,
          head: linkHeader(0, 0, 0),
          value: [
            { type: IFLA.IFNAME, value: text(peer.name) },
            { type: IFLA.ADDRESS, value: macBytes(peer.mac) },
            { type: IFLA.MTU, value: number(4, mtu) },
            { type: IFLA.NET_NS_FD, value: number(4, peer.namespaceFd) },
          ],
        },
      ]),
    ],
    subject: `NEWLINK veth ${name}`,
  });
}

/** Brings an interface up. Errors: ENODEV. */
export function setLinkUp(socket: NetlinkSocket, index: number): void {
  socket.change({ type: RTM_NEWLINK, flags: 0, header: linkHeader(index, IFF_UP, IFF_UP), subject: `up ${index}` });
}

/** Takes a link down. Errors: ENODEV. */
export function setLinkDown(socket: NetlinkSocket, index: number): void {
  socket.change({ type: RTM_NEWLINK, flags: 0, header: linkHeader(index, 0, IFF_UP), subject: `down ${index}` });
}

/**
 * Lets a bridge send a frame back through the port by which it came: needed for an interface that reaches itself by a
 * published port where br_netfilter translates addresses inside the bridge. Errors: ENODEV.
 */
export function setHairpin(socket: NetlinkSocket, index: number): void {
  const header = linkHeader(index, 0, 0);
  header.writeUInt8(AF_BRIDGE, 0);
  socket.change({
    type: RTM_SETLINK,
    flags: 0,
    header,
    attributes: [{ type: IFLA.PROTINFO | NLA_F_NESTED, value: [{ type: IFLA_BRPORT_MODE, value: number(1, 1) }] }],
    subject: `hairpin ${index}`,
  });
}

/** Deletes a bridge; never a veth, see {@link createVethPair}. Errors: ENODEV. */
export function deleteBridge(socket: NetlinkSocket, index: number): void {
  socket.change({ type: RTM_DELLINK, flags: 0, header: linkHeader(index, 0, 0), subject: `DELLINK ${index}` });
}

function linkOf(payload: Buffer): Link {
  const attributes = decodeAttributes(payload, 16);
  const name = attributes.get(IFLA.IFNAME);
  const master = attributes.get(IFLA.MASTER);
  const mac = attributes.get(IFLA.ADDRESS)?.toString("hex") ?? "";
  return {
    index: readNumber(payload, 4, 4),
    name: name === undefined ? "" : readText(name),
    mac: mac.replace(/(..)(?=.)/g, "$1:"),
    isUp: (readNumber(payload, 8, 4) & IFF_UP) !== 0,
    master: master === undefined ? 0 : readNumber(master, 0, 4),
  };
}

/** All interfaces. */
export function listLinks(socket: NetlinkSocket): Link[] {
  const request = { type: RTM_GETLINK, flags: NLM.DUMP, header: linkHeader(0, 0, 0), subject: "GETLINK" };
  return socket.query(request).map(({ payload }) => linkOf(payload));
}

/** The interface of that name, or undefined. */
export function findLink(socket: NetlinkSocket, name: string): Link | undefined {
  try {
    const [answer] = socket.query({
      type: RTM_GETLINK,
      flags: 0,
      header: linkHeader(0, 0, 0),
      attributes: [{ type: IFLA.IFNAME, value: text(name) }],
      subject: `GETLINK ${name}`,
    });
    return answer === undefined ? undefined : linkOf(answer.payload);
  } catch (error) {
    if (hasCode(error, "ENODEV")) return undefined;
    throw error;
  }
}
