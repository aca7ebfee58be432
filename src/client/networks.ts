/** What can be asked of networks. */
import { invalid } from "../base/errors.ts";
import type { NetworkInspect } from "../wire/docker/networks.ts";
import type { Client } from "./client.ts";
import { encodeFilters, type Filters } from "./containers.ts";

/** `GET /networks`. */
export function listNetworks(client: Client, filters: Filters): Promise<NetworkInspect[]> {
  return client.json("GET", "/networks", { query: { filters: encodeFilters(filters) } });
}

/** `GET /networks/{id}`, as the daemon wrote it. */
export function inspectNetworkText(client: Client, id: string, verbose = false): Promise<string> {
  const name = id.trim();
  if (name === "") throw invalid("invalid network name or ID: value is empty");
  return client.text("GET", `/networks/${name}`, { query: { verbose: verbose ? "true" : undefined } });
}
