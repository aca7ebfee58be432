/** IPv4 addresses of interfaces: RTM_*ADDR of rtnetlink(7). */
import { addressBytes, lastOf, type Subnet, subnetOf } from "../../base/ipv4.ts";
import { decodeAttributes, number, readNumber } from "./message.ts";
import { type NetlinkSocket, NLM } from "./socket.ts";

const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4 } as const;
const AF_INET = 2;

/** An address on an interface. */
export interface InterfaceAddress {
  /** Index of the interface. */
  readonly link: number;
  readonly address: number;
  readonly subnet: Subnet;
}

/** struct ifaddrmsg. */
function addressHeader(link: number, prefixLength: number): Buffer {
  return Buffer.concat([Buffer.from([AF_INET, prefixLength, 0, 0]), number(4, link)]);
}

/** Gives an interface an address, with its subnet's broadcast address. Errors: EEXIST when it has it. */
export function addAddress(
  socket: NetlinkSocket,
  { link, address, prefixLength }: { readonly link: number; readonly address: number; readonly prefixLength: number },
): void {
  socket.change({
    type: RTM_NEWADDR,
    flags: NLM.CREATE | NLM.EXCL,
    header: addressHeader(link, prefixLength),
    attributes: [
      { type: IFA.LOCAL, value: addressBytes(address) },
      { type: IFA.ADDRESS, value: addressBytes(address) },
      { type: IFA.BROADCAST, value: addressBytes(lastOf(subnetOf(address, prefixLength))) },
    ],
    subject: `NEWADDR on interface ${link}`,
  });
}

/** All IPv4 addresses of the namespace. */
export function listAddresses(socket: NetlinkSocket): InterfaceAddress[] {
  const request = { type: RTM_GETADDR, flags: NLM.DUMP, header: addressHeader(0, 0), subject: "GETADDR" };
  const addresses: InterfaceAddress[] = [];
  for (const { payload } of socket.query(request)) {
    const attributes = decodeAttributes(payload, 8);
    const local = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS);
    if (payload[0] !== AF_INET || local === undefined) continue;
    const address = local.readUInt32BE(0);
    addresses.push({ link: readNumber(payload, 4, 4), address, subnet: subnetOf(address, payload.readUInt8(1)) });
  }
  return addresses;
}
