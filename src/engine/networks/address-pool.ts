/** The addresses of one subnet: which are taken. In memory only; rebuilt from the endpoints that exist. */

import { conflict, internal, invalid } from "../../base/errors.ts";
import { contains, formatAddress, formatSubnet, lastOf, type Subnet, sizeOf } from "../../base/ipv4.ts";

/** Gives out addresses, the lowest free first, as Docker does. */
export interface AddressPool {
  /** Takes an address. Errors: internal when none is free. */
  take(): number;
  /** Takes this very address. Errors: invalid when it is outside of the subnet, conflict when it is taken. */
  takeThis(address: number): void;
  /** Gives an address back; one that is free is no error. */
  free(address: number): void;
}

/** Opens a pool; `reserved` addresses, the network and the broadcast address are never given out. */
export function openAddressPool(subnet: Subnet, reserved: readonly number[]): AddressPool {
  const size = sizeOf(subnet);
  const taken = new Uint8Array(Math.ceil(size / 8));
  const isTaken = (index: number): boolean => ((taken[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  const mark = (index: number): void => {
    taken[index >> 3] = (taken[index >> 3] ?? 0) | (1 << (index & 7));
  };
  const never = new Set([0, size - 1, ...reserved.map((address) => address - subnet.address)]);
  for (const index of never) mark(index);
  // No address below is free.
  let lowest = 0;

  return {
    take: () => {
      for (let index = lowest; index < size; index += 1) {
        if (isTaken(index)) continue;
        mark(index);
        lowest = index + 1;
        return subnet.address + index;
      }
      throw internal(`no available IPv4 addresses on this network's address pools: ${formatSubnet(subnet)}`);
    },
    takeThis: (address) => {
      if (!contains(subnet, address) || address === lastOf(subnet) || address === subnet.address) {
        throw invalid(`no configured subnet contains IP address ${formatAddress(address)}`);
      }
      const index = address - subnet.address;
      if (isTaken(index)) throw conflict("Address already in use");
      mark(index);
    },
    free: (address) => {
      const index = address - subnet.address;
      if (!contains(subnet, address) || never.has(index)) return;
      taken[index >> 3] = (taken[index >> 3] ?? 0) & ~(1 << (index & 7));
      lowest = Math.min(lowest, index);
    },
  };
}
