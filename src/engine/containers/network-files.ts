/** The files by which a container knows its own name, other hosts and name servers. */
import { readFileSync } from "node:fs";
import { hasCode } from "../../base/errors.ts";
import type { ContainerConfig, HostConfig } from "../../wire/docker/containers.ts";

const wellKnownHosts: readonly (readonly [string, string])[] = [
  ["127.0.0.1", "localhost"],
  ["::1", "localhost ip6-localhost ip6-loopback"],
  ["fe00::", "ip6-localnet"],
  ["ff00::", "ip6-mcastprefix"],
  ["ff02::1", "ip6-allnodes"],
  ["ff02::2", "ip6-allrouters"],
];

/** `/etc/hosts` of a container; `address` is its own, if it has one. */
export function hostsFile(config: ContainerConfig, host: HostConfig, address: string | undefined): string {
  const lines = wellKnownHosts.map(([ip, names]) => `${ip}\t${names}`);
  for (const extra of host.ExtraHosts ?? []) {
    const separator = extra.includes("=") ? "=" : ":";
    const at = extra.indexOf(separator);
    lines.push(`${extra.slice(at + 1)}\t${extra.slice(0, at)}`);
  }
  if (address !== undefined) {
    const fullName = config.Domainname === "" ? "" : `${config.Hostname}.${config.Domainname} `;
    lines.push(`${address}\t${fullName}${config.Hostname}`);
  }
  return `${lines.join("\n")}\n`;
}

/** What the host's own resolver configuration says, if there is one. */
function hostResolvConf(): string {
  try {
    return readFileSync("/etc/resolv.conf", "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}

function isLoopback(line: string): boolean {
  return /^\s*nameserver\s+(127\.|::1\b)/.test(line);
}

/**
 * `/etc/resolv.conf` of a container: the host's, with `--dns`, `--dns-search` and `--dns-option` in the place of what
 * they replace. Name servers on the host's loopback are left out, since a container's loopback is another one.
 */
export function resolvConfFile(host: HostConfig): string {
  const text = hostResolvConf();
  if (host.NetworkMode === "host" && host.Dns.length + host.DnsSearch.length + host.DnsOptions.length === 0)
    return text;
  const lines = text.split("\n").filter((line) => /^\s*(nameserver|search|domain|options)\b/.test(line));
  const kept = (keyword: RegExp): string[] => lines.filter((line) => keyword.test(line));
  const isShared = host.NetworkMode === "host";
  const servers =
    host.Dns.length > 0
      ? host.Dns.map((server) => `nameserver ${server}`)
      : kept(/^\s*nameserver/).filter((line) => isShared || !isLoopback(line));
  const searches = host.DnsSearch.filter((domain) => domain !== ".");
  const search =
    host.DnsSearch.length > 0
      ? searches.length > 0
        ? [`search ${searches.join(" ")}`]
        : []
      : kept(/^\s*(search|domain)/);
  const options = host.DnsOptions.length > 0 ? [`options ${host.DnsOptions.join(" ")}`] : kept(/^\s*options/);
  return ["# Made by Escale from the host's /etc/resolv.conf.", ...servers, ...search, ...options, ""].join("\n");
}
