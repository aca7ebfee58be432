/** What can be asked of the daemon itself. */
import type { DiskUsage } from "../wire/docker/disk-usage.ts";
import type { SystemVersion } from "../wire/docker/system.ts";
import type { Client, ClientResponse } from "./client.ts";
import { encodeFilters, type Filters } from "./containers.ts";

/** `GET /version`. */
export function serverVersion(client: Client): Promise<SystemVersion> {
  return client.json("GET", "/version");
}

/** `GET /info`, as the daemon wrote it. */
export function infoText(client: Client): Promise<string> {
  return client.text("GET", "/info");
}

/** `GET /events`: one JSON object per line, for as long as asked. */
export function watchEvents(
  client: Client,
  options: { since: string; until: string; filters: Filters },
): Promise<ClientResponse> {
  const query = {
    since: options.since || undefined,
    until: options.until || undefined,
    filters: encodeFilters(options.filters),
  };
  return client.request("GET", "/events", { query });
}

/** `GET /volumes/{name}`, as the daemon wrote it. */
export function inspectVolumeText(client: Client, name: string): Promise<string> {
  return client.text("GET", `/volumes/${name}`);
}

/** Inspects an object of the kinds that commands only look at: `/plugins/{name}/json`, `/services/{id}`… */
export function inspectOtherText(client: Client, path: string, query?: Record<string, string>): Promise<string> {
  return client.text("GET", path, query === undefined ? {} : { query });
}

/** `GET /system/df`. */
export function diskUsage(client: Client): Promise<DiskUsage> {
  return client.json("GET", "/system/df");
}
