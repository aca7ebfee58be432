/** Which subnet a network gets: the first of the pools that nothing on the host uses. */

import { invalid } from "../../base/errors.ts";
import { maskOf, overlaps, parseCidr, type Subnet, sizeOf } from "../../base/ipv4.ts";

/** A range that is cut into subnets of `size` bits of prefix, as `default-address-pools` of daemon.json has them. */
export interface SubnetPool {
  /** Such as `172.20.0.0/14`. */
  readonly base: string;
  readonly size: number;
}

/** Docker's pools for networks of one host. */
export const defaultPools: readonly SubnetPool[] = [
  { base: "172.17.0.0/16", size: 16 },
  { base: "172.18.0.0/16", size: 16 },
  { base: "172.19.0.0/16", size: 16 },
  { base: "172.20.0.0/14", size: 16 },
  { base: "172.24.0.0/14", size: 16 },
  { base: "172.28.0.0/14", size: 16 },
  { base: "192.168.0.0/16", size: 20 },
];

function* subnetsOf({ base, size }: SubnetPool): Generator<Subnet> {
  const range = parseCidr(base)?.subnet;
  if (range === undefined || size < range.prefixLength || size > 30) {
    throw invalid(`invalid default address pool: base ${base}, size ${size}`);
  }
  const step = sizeOf({ address: 0, prefixLength: size });
  for (let address = range.address; address < range.address + sizeOf(range); address += step) {
    yield { address: (address & maskOf(size)) >>> 0, prefixLength: size };
  }
}

/** The first subnet of the pools that shares no address with those in use; undefined when there is none. */
export function chooseSubnet(pools: readonly SubnetPool[], inUse: readonly Subnet[]): Subnet | undefined {
  for (const pool of pools) {
    for (const subnet of subnetsOf(pool)) {
      if (!inUse.some((used) => overlaps(used, subnet))) return subnet;
    }
  }
  return undefined;
}
