/**
 * Rules of others that would drop what containers forward. dockerd and ufw set the policy of iptables' FORWARD chain to
 * DROP; iptables of today keeps that chain in nftables, as `table ip filter`. An accepting rule is put where it is meant
 * to be put: into DOCKER-USER where Docker made that, else at the top of FORWARD.
 */
import { hasCode } from "../../base/errors.ts";
import type { Nftables } from "./nftables.ts";
import type { FirewallBridge } from "./ruleset.ts";

interface Neighbour {
  readonly chain: string;
  readonly listing: string;
}

function listChain(nft: Nftables, chain: string): string {
  try {
    return nft.list(`list chain ip filter ${chain}`);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}

const chains = ["DOCKER-USER", "FORWARD"] as const;

function findNeighbour(nft: Nftables): Neighbour | undefined {
  const docker = listChain(nft, "DOCKER-USER");
  if (docker !== "") return { chain: "DOCKER-USER", listing: docker };
  const forward = listChain(nft, "FORWARD");
  return forward.includes("policy drop") ? { chain: "FORWARD", listing: forward } : undefined;
}

const comment = (table: string): string => `comment "${table}"`;

function rulesOf(table: string, { name }: FirewallBridge): string[] {
  return [`iifname "${name}" counter`, `oifname "${name}" counter`].map((match) => `${match} accept ${comment(table)}`);
}

/** Makes sure that neighbours let the bridges' packets pass; what Escale's own table forbids stays forbidden. */
export function passNeighbours(nft: Nftables, table: string, bridges: readonly FirewallBridge[]): void {
  const neighbour = findNeighbour(nft);
  if (neighbour === undefined) return;
  const missing = bridges
    .filter(({ name }) => !neighbour.listing.includes(`oifname "${name}"`))
    .flatMap((bridge) => rulesOf(table, bridge));
  if (missing.length === 0) return;
  nft.run(missing.map((rule) => `insert rule ip filter ${neighbour.chain} ${rule}`).join("\n"));
}

/** Takes those rules back. */
export function leaveNeighbours(nft: Nftables, table: string): void {
  for (const chain of chains) {
    const commands: string[] = [];
    for (const line of listChain(nft, chain).split("\n")) {
      const handle = /# handle (\d+)$/.exec(line)?.[1];
      if (handle !== undefined && line.includes(comment(table))) {
        commands.push(`delete rule ip filter ${chain} handle ${handle}`);
      }
    }
    if (commands.length > 0) nft.run(commands.join("\n"));
  }
}
