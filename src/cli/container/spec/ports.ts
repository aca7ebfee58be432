/** `--publish` and `--expose`. */
import { isIP } from "node:net";
import { invalid } from "../../../base/errors.ts";
import type { PortMap } from "../../../wire/docker/containers.ts";
import { cut } from "./csv.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text)) throw invalid(`strconv.ParseUint: parsing "${text}": invalid syntax`);
  if (value > 65535) throw invalid(`strconv.ParseUint: parsing "${text}": value out of range`);
  return value;
}

/** Reads `80` or `80-90`. */
function readRange(text: string): Range {
  if (text === "") throw invalid("Empty string specified for ports.");
  const { key, value } = cut(text, "-");
  if (value === undefined) return { start: portNumber(key), end: portNumber(key) };
  const range = { start: portNumber(key), end: portNumber(value) };
  if (range.end < range.start) throw invalid(`Invalid range specified for the Port: ${text}`);
  return range;
}

function splitProtocol(text: string): { port: string; protocol: string } {
  const [port = "", protocol = ""] = text.split("/");
  if (port === "") return { port: "", protocol: "" };
  return { port, protocol: protocol === "" ? "tcp" : protocol };
}

function splitParts(text: string): { ip: string; hostPort: string; containerPort: string } {
  const parts = text.split(":");
  const containerPort = parts.pop() ?? "";
  const hostPort = parts.pop() ?? "";
  return { ip: parts.join(":"), hostPort, containerPort };
}

/** Turns `target=80,published=8080,protocol=tcp` into the short form. */
function shortForm(text: string): string {
  if (!text.includes("=")) return text;
  const fields: Record<string, string> = { protocol: "tcp" };
  for (const field of text.split(",")) {
    const { key, value } = cut(field, "=");
    if (value === undefined || key === "") {
      throw invalid(`invalid publish opts format (should be name=value but got '${field}')`);
    }
    fields[key] = value;
  }
  return `${fields.published ?? ""}:${fields.target ?? ""}/${fields.protocol}`;
}

function hostAddress(ip: string): string {
  if (ip === "") return "";
  const bracketed = /^\[(.*)\]$/.exec(ip)?.[1];
  if (bracketed === undefined && ip.includes(":")) {
    throw invalid(`Invalid ip address ${ip}: address ${ip}:: too many colons in address`);
  }
  const address = bracketed ?? ip;
  if (address !== "" && isIP(address) === 0) throw invalid(`Invalid ip address: ${ip}`);
  return address;
}

function tryRange(text: string, what: string): Range {
  try {
    return readRange(text);
  } catch {
    throw invalid(`Invalid ${what}: ${text}`);
  }
}

function publish(spec: string, bindings: PortMap): void {
  const { ip, hostPort, containerPort: rawContainerPort } = splitParts(spec);
  const { port: containerPort, protocol } = splitProtocol(rawContainerPort);
  const HostIp = hostAddress(ip);
  if (containerPort === "") throw invalid(`No port specified: ${spec}<empty>`);
  const inside = tryRange(containerPort, "containerPort");
  const outside = hostPort === "" ? { start: 0, end: 0 } : tryRange(hostPort, "hostPort");
  const insideSize = inside.end - inside.start;
  const outsideSize = outside.end - outside.start;
  if (hostPort !== "" && insideSize !== outsideSize && insideSize !== 0) {
    throw invalid(`Invalid ranges specified for container and host Ports: ${containerPort} and ${hostPort}`);
  }
  if (!["tcp", "udp", "sctp"].includes(protocol.toLowerCase())) throw invalid(`Invalid proto: ${protocol}`);
  for (let offset = 0; offset <= insideSize; offset++) {
    let HostPort = hostPort === "" ? "" : String(outside.start + offset);
    // One port inside and several outside: any of those.
    if (insideSize === 0 && outsideSize > 0) HostPort = `${HostPort}-${outside.end}`;
    const key = `${inside.start + offset}/${protocol.toLowerCase()}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp, HostPort }];
  }
}

/** The ports of a request. Throws an invalid error with Docker's text. */
export function portsOf(
  published: readonly string[],
  exposed: readonly string[],
): { exposed: Record<string, object>; bindings: PortMap } {
  const bindings: PortMap = {};
  for (const spec of published.map(shortForm)) publish(spec, bindings);
  const ports: Record<string, object> = {};
  for (const port of Object.keys(bindings)) ports[port] = {};
  for (const text of exposed) {
    if (text.includes(":")) throw invalid(`invalid port format for --expose: ${text}`);
    const { port, protocol } = splitProtocol(text);
    let range: Range;
    try {
      range = readRange(port);
    } catch (error) {
      throw invalid(`invalid range format for --expose: ${text}, error: ${(error as Error).message}`);
    }
    for (let number = range.start; number <= range.end; number++) ports[`${number}/${protocol}`] = {};
  }
  return { exposed: ports, bindings };
}
