import type { PortSummary } from "../../wire/docker/containers.ts";

function withPort(ip: string, port: string): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function groupText(key: string, first: number, last: number): string {
  const [before = "", after] = key.split("/");
  const ports = first === last ? String(first) : `${first}-${last}`;
  return after === undefined ? `${ports}/${before}` : `${withPort(before, ports)}->${ports}/${after}`;
}

function order(a: PortSummary, b: PortSummary): number {
  if (a.PrivatePort !== b.PrivatePort) return a.PrivatePort - b.PrivatePort;
  const [aIp = "", bIp = ""] = [a.IP, b.IP];
  if (aIp !== bIp) return aIp < bIp ? -1 : 1;
  if (a.PublicPort !== b.PublicPort) return (a.PublicPort ?? 0) - (b.PublicPort ?? 0);
  return a.Type < b.Type ? -1 : a.Type > b.Type ? 1 : 0;
}

/** The ports of a container in a list: runs of ports together, then those published under another number. */
export function portsText(ports: readonly PortSummary[]): string {
  const groups = new Map<string, { first: number; last: number }>();
  const texts: string[] = [];
  const moved: string[] = [];
  for (const { IP: ip = "", PrivatePort: inside, PublicPort: outside, Type: type } of [...ports].sort(order)) {
    if (ip !== "" && outside !== inside) {
      moved.push(`${withPort(ip, String(outside ?? 0))}->${inside}/${type}`);
      continue;
    }
    const key = ip === "" ? type : `${ip}/${type}`;
    const group = groups.get(key);
    if (group !== undefined && inside === group.last + 1) {
      group.last = inside;
      continue;
    }
    if (group !== undefined) texts.push(groupText(key, group.first, group.last));
    groups.set(key, { first: inside, last: inside });
  }
  for (const [key, { first, last }] of groups) texts.push(groupText(key, first, last));
  return [...texts, ...moved].join(", ");
}
