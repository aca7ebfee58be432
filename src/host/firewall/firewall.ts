/**
 * One engine's rules in the host's packet filter: its own nftables table, and nothing of iptables. Life of the table:
 * made with the first bridge, replaced atomically, repaired when somebody flushed it, left in place when the daemon
 * ends or is killed (containers go on), removed by {@link Firewall.removeAll} when nothing needs it.
 */
import { hasCode } from "../../base/errors.ts";
import { formatSubnet } from "../../base/ipv4.ts";
import { forgetUdpFlows } from "./flows.ts";
import { openGeneration } from "./generation.ts";
import { leaveNeighbours, passNeighbours } from "./neighbours.ts";
import { openNftables } from "./nftables.ts";
import { elementCommand, type FirewallBridge, keyOf, type PublishedPort, tableCommands } from "./ruleset.ts";

/** The packet filter of one engine. All calls are synchronous and take a fraction of a millisecond. */
export interface Firewall extends Disposable {
  /** Lets a bridge's containers reach the outside; for one that is known, the same as {@link Firewall.verify}. */
  addBridge(bridge: FirewallBridge): void;
  /** Publishes ports, all or none. */
  publish(ports: readonly PublishedPort[]): void;
  /** Takes ports back; absent ones are no error. */
  unpublish(ports: readonly PublishedPort[]): void;
  /** Makes the kernel's table what these bridges and ports need, whatever it was before: after a start. */
  restore(bridges: readonly FirewallBridge[], ports: readonly PublishedPort[]): void;
  /** Puts the rules back if somebody else removed them; costs some microseconds if nobody touched any. Gives whether it had to. */
  verify(): boolean;
  /** Removes the table and everything put elsewhere; also what a daemon before this one left. */
  removeAll(): void;
}

/** Opens the packet filter of this network namespace; `table` is the instance's tag. Errors: unavailable. */
export function openFirewall(table: string): Firewall {
  const nft = openNftables();
  const generation = openGeneration();
  const bridges = new Map<string, FirewallBridge>();
  const ports = new Map<string, PublishedPort>();
  let seen = -1;
  let expected = "";

  const nameOf = (published: PublishedPort): string => Object.values(keyOf(published)).join(" ");
  /** Remembers the count of changes after one of our own, unless somebody else's came between. */
  const committing = (change: () => void): void => {
    const before = generation.read();
    change();
    const after = generation.read();
    seen = before === seen && after === before + 1 ? after : -1;
  };
  const forgetFlows = (changed: readonly PublishedPort[]): void => {
    for (const { protocol, hostPort } of changed) if (protocol === "udp") forgetUdpFlows(hostPort);
  };
  const listing = (): string => {
    try {
      return nft.list(`list table ip ${table}`);
    } catch (error) {
      if (hasCode(error, "ENOENT")) return "";
      throw error;
    }
  };
  const apply = (): void => {
    nft.run(tableCommands(table, [...bridges.values()], [...ports.values()]));
    passNeighbours(nft, table, [...bridges.values()]);
    const before = generation.read();
    expected = listing();
    seen = before;
  };
  const verify = (): boolean => {
    if (bridges.size === 0) return false;
    const now = generation.read();
    if (now === seen) return false;
    const isWhole = listing() === expected;
    if (isWhole) {
      passNeighbours(nft, table, [...bridges.values()]);
      seen = now;
    } else {
      apply();
    }
    return !isWhole;
  };
  const removeAll = (): void => {
    bridges.clear();
    ports.clear();
    expected = "";
    nft.run(`add table ip ${table}\ndelete table ip ${table}`);
    leaveNeighbours(nft, table);
  };

  return {
    addBridge: (bridge) => {
      const known = bridges.get(bridge.name);
      if (known !== undefined && formatSubnet(known.subnet) === formatSubnet(bridge.subnet)) {
        verify();
        return;
      }
      bridges.set(bridge.name, bridge);
      apply();
    },
    publish: (added) => {
      if (added.length === 0) return;
      for (const published of added) ports.set(nameOf(published), published);
      try {
        committing(() => nft.run(added.map((published) => elementCommand("add", table, published)).join("\n")));
      } catch {
        // Somebody flushed the table, or left an element in it: replacing it as a whole decides.
        try {
          apply();
        } catch (error) {
          for (const published of added) ports.delete(nameOf(published));
          throw error;
        }
      }
      forgetFlows(added);
    },
    unpublish: (removed) => {
      const present = removed.filter((published) => ports.delete(nameOf(published)));
      if (present.length === 0) return;
      try {
        committing(() => nft.run(present.map((published) => elementCommand("delete", table, published)).join("\n")));
      } catch {
        // Somebody flushed the table: what is left to publish decides.
        apply();
      }
      forgetFlows(present);
    },
    restore: (allBridges, allPorts) => {
      bridges.clear();
      ports.clear();
      for (const bridge of allBridges) bridges.set(bridge.name, bridge);
      for (const published of allPorts) ports.set(nameOf(published), published);
      apply();
    },
    verify,
    removeAll,
    [Symbol.dispose]: () => {
      nft[Symbol.dispose]();
      generation[Symbol.dispose]();
    },
  };
}
