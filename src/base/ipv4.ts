/** IPv4 addresses and subnets as numbers and text. An address is an unsigned 32-bit number in host order. */

/** A subnet: `address` has no bits set behind the prefix. */
export interface Subnet {
  readonly address: number;
  readonly prefixLength: number;
}

/** Reads `192.0.2.1`; undefined for anything else. */
export function parseAddress(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (parts === null) return undefined;
  let address = 0;
  for (const part of parts.slice(1)) {
    const octet = Number(part);
    if (octet > 255) return undefined;
    address = address * 256 + octet;
  }
  return address;
}

/** Writes an address as `192.0.2.1`. */
export function formatAddress(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The address as the four bytes that travel in packets and kernel messages. */
export function addressBytes(address: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return bytes;
}

/** The bits of an address that name its network. */
export function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** Reads `192.0.2.1/24` as the address written and the subnet that it lies in; undefined for anything else. */
export function parseCidr(text: string): { readonly address: number; readonly subnet: Subnet } | undefined {
  const slash = text.indexOf("/");
  const address = parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (slash === -1 || address === undefined || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  return { address, subnet: subnetOf(address, Number(length)) };
}

/** The subnet of that size that an address lies in. */
export function subnetOf(address: number, prefixLength: number): Subnet {
  return { address: (address & maskOf(prefixLength)) >>> 0, prefixLength };
}

/** Writes a subnet as `192.0.2.0/24`. */
export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.address)}/${subnet.prefixLength}`;
}

/** How many addresses a subnet has, its network and broadcast address among them. */
export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefixLength);
}

/** The last address of a subnet: its broadcast address. */
export function lastOf(subnet: Subnet): number {
  return subnet.address + sizeOf(subnet) - 1;
}

/** Whether an address lies in a subnet. */
export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.address && address <= lastOf(subnet);
}

/** Whether two subnets share an address. */
export function overlaps(one: Subnet, other: Subnet): boolean {
  return one.address <= lastOf(other) && other.address <= lastOf(one);
}
