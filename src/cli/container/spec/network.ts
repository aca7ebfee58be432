/** `--network` with its options, and the older flags that mean the first network. */
import { invalid } from "../../../base/errors.ts";
import { quote } from "../../../base/quote.ts";
import { emptyEndpoint } from "../../../wire/docker/networks.ts";
import type { Flag, FlagOptions } from "../../flags/flag.ts";
import { cut, readCsv } from "./csv.ts";

/** A network to connect to. */
export interface NetworkChoice {
  readonly target: string;
  readonly aliases?: readonly string[];
  readonly driverOptions?: Readonly<Record<string, string>>;
  readonly links?: readonly string[];
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly linkLocalIps?: readonly string[];
  readonly macAddress?: string;
  readonly gatewayPriority?: number;
}

/** Reads one `--network`: a name, or `name=…,alias=…`. Throws an invalid error with Docker's text. */
export function parseNetwork(text: string): NetworkChoice {
  if (!/\w+=\w+(,\w+=\w+)*/.test(text)) return { target: text };
  let choice: NetworkChoice = { target: "", aliases: [] };
  for (const field of readCsv(text)) {
    const { key: rawKey, value: rawValue } = cut(field, "=");
    if (rawValue === undefined || rawKey === "") throw invalid(`invalid field ${field}`);
    const key = rawKey.toLowerCase().trim();
    const value = rawValue.toLowerCase().trim();
    switch (key) {
      case "name":
        choice = { ...choice, target: value };
        break;
      case "alias":
        choice = { ...choice, aliases: [...(choice.aliases ?? []), value] };
        break;
      case "ip":
        choice = { ...choice, ipv4: value };
        break;
      case "ip6":
        choice = { ...choice, ipv6: value };
        break;
      case "link-local-ip":
        choice = { ...choice, linkLocalIps: [...(choice.linkLocalIps ?? []), value] };
        break;
      case "mac-address":
        choice = { ...choice, macAddress: value };
        break;
      case "driver-opt":
        choice = { ...choice, driverOptions: { ...choice.driverOptions, ...driverOption(rawValue.trim()) } };
        break;
      case "gw-priority":
        choice = { ...choice, gatewayPriority: priority(value) };
        break;
      default:
        throw invalid(`invalid field key ${key}`);
    }
  }
  if (choice.target === "") throw invalid("network name/id is not specified");
  return choice;
}

function driverOption(text: string): Record<string, string> {
  const { key, value } = cut(text, "=");
  if (value === undefined || key === "") throw invalid("invalid key value pair format in driver options");
  return { [key.toLowerCase().trim()]: value.trim() };
}

function priority(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`invalid gw-priority (${text}): invalid syntax`);
  return Number(text);
}

/** The flag `--network`. */
export function networkFlag(options: FlagOptions = {}): Flag<readonly NetworkChoice[]> {
  return {
    type: "network",
    usage: "Connect a container to a network",
    initial: [],
    set: (text, current) => [...current, parseNetwork(text)],
    ...options,
  };
}

/** The older flags, which say something of the first network. */
export interface FirstNetworkOptions {
  readonly aliases: readonly string[];
  readonly links: readonly string[];
  readonly ipv4: string;
  readonly ipv6: string;
  readonly macAddress: string;
  readonly linkLocalIps: readonly string[];
}

/** Whether a mode names a network that somebody made, not one of the engine's own modes. */
function isUserDefined(mode: string): boolean {
  return !["default", "bridge", "host", "none"].includes(mode) && !mode.startsWith("container:");
}

function merged(choice: NetworkChoice, first: FirstNetworkOptions): NetworkChoice {
  const conflict = (flag: string, what: string): Error =>
    invalid(`conflicting options: cannot specify both --${flag} and per-network ${what}`);
  if (choice.aliases?.length && first.aliases.length > 0) throw conflict("network-alias", "alias");
  if (choice.links?.length && first.links.length > 0) throw conflict("link", "links");
  if (choice.ipv4 && first.ipv4) throw conflict("ip", "IPv4 address");
  if (choice.ipv6 && first.ipv6) throw conflict("ip6", "IPv6 address");
  if (choice.macAddress && first.macAddress) throw conflict("mac-address", "MAC address");
  if (choice.linkLocalIps?.length && first.linkLocalIps.length > 0) {
    throw conflict("link-local-ip", "link-local IP addresses");
  }
  return {
    ...choice,
    ...(first.aliases.length > 0 && { aliases: first.aliases }),
    // On the default bridge a link is the container's, not the endpoint's.
    ...(first.links.length > 0 && isUserDefined(choice.target) && { links: first.links }),
    ...(first.ipv4 && { ipv4: first.ipv4 }),
    ...(first.ipv6 && { ipv6: first.ipv6 }),
    ...(first.macAddress && { macAddress: first.macAddress }),
    ...(first.linkLocalIps.length > 0 && { linkLocalIps: first.linkLocalIps }),
  };
}

/** Whether a text is a MAC address in one of the usual notations. */
export function isMacAddress(text: string): boolean {
  return /^([\da-f]{2}([:-])[\da-f]{2}(\2[\da-f]{2}){4}(\2[\da-f]{2}\2[\da-f]{2})?|[\da-f]{4}(\.[\da-f]{4}){2,3})$/i.test(
    text,
  );
}

function endpointOf(choice: NetworkChoice): Record<string, unknown> {
  if (choice.target.trim() === "") throw invalid("no name set for network");
  if (!isUserDefined(choice.target)) {
    if (choice.aliases?.length) throw invalid("network-scoped aliases are only supported for user-defined networks");
    if (choice.links?.length) throw invalid("links are only supported for user-defined networks");
  }
  if (choice.macAddress && !isMacAddress(choice.macAddress.trim())) {
    throw invalid(`${choice.macAddress} is not a valid mac address`);
  }
  const hasAddress = choice.ipv4 || choice.ipv6 || choice.linkLocalIps?.length;
  return {
    ...emptyEndpoint,
    IPAMConfig: hasAddress
      ? {
          ...(choice.ipv4 && { IPv4Address: choice.ipv4 }),
          ...(choice.ipv6 && { IPv6Address: choice.ipv6 }),
          ...(choice.linkLocalIps?.length && { LinkLocalIPs: choice.linkLocalIps }),
        }
      : null,
    Links: choice.links?.length ? choice.links : null,
    Aliases: choice.aliases?.length ? choice.aliases : null,
    MacAddress: choice.macAddress ?? "",
    DriverOpts: choice.driverOptions ?? null,
    GwPriority: choice.gatewayPriority ?? 0,
  };
}

/** The endpoints of a request, by network. Throws an invalid error with Docker's text. */
export function endpointsOf(
  choices: readonly NetworkChoice[],
  first: FirstNetworkOptions,
): Record<string, Record<string, unknown>> {
  const endpoints: Record<string, Record<string, unknown>> = {};
  if (choices.length === 0) {
    endpoints.default = endpointOf(merged({ target: "default" }, first));
    return endpoints;
  }
  for (const [index, choice] of choices.entries()) {
    const endpoint = endpointOf(index === 0 ? merged(choice, first) : choice);
    if (choice.target in endpoints) throw invalid(`network ${quote(choice.target)} is specified multiple times`);
    // One network without options travels as the network mode alone.
    const isPlain = Object.values(endpoint).every((value) => value === null || value === "" || value === 0);
    if (choices.length === 1 && isPlain) continue;
    endpoints[choice.target] = endpoint;
  }
  const kinds = new Set(choices.map((choice) => isUserDefined(choice.target)));
  if (kinds.size > 1) {
    throw invalid("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
  }
  return endpoints;
}
