/** What can be asked of images. `name` is a reference or an id. */
import { invalid } from "../base/errors.ts";
import type { ImagesPruned } from "../wire/docker/disk-usage.ts";
import type { ImageDeleteItem, ImageHistoryItem, ImageSummary } from "../wire/docker/images.ts";
import type { Client, ClientResponse } from "./client.ts";
import { encodeFilters, type Filters } from "./containers.ts";

/** `GET /images/json`. */
export function listImages(
  client: Client,
  options: { all?: boolean; filters?: Filters; sharedSize?: boolean },
): Promise<ImageSummary[]> {
  return client.json("GET", "/images/json", {
    query: { all: options.all, filters: encodeFilters(options.filters ?? {}), "shared-size": options.sharedSize },
  });
}

/** `GET /images/{name}/json`, as the daemon wrote it. `platform` is the JSON of a platform. */
export function inspectImageText(client: Client, name: string, platform?: string): Promise<string> {
  if (name === "") throw invalid("No such image: ");
  return client.text("GET", `/images/${name}/json`, { query: { platform } });
}

/** `GET /images/{name}/history`. */
export function imageHistory(client: Client, name: string, platform?: string): Promise<ImageHistoryItem[]> {
  return client.json("GET", `/images/${name}/history`, { query: { platform } });
}

/** `POST /images/{name}/tag`. */
export async function tagImage(client: Client, name: string, repo: string, tag: string): Promise<void> {
  await client.text("POST", `/images/${name}/tag`, { query: { repo, tag } });
}

/** `DELETE /images/{name}`. */
export function removeImage(
  client: Client,
  name: string,
  options: { force?: boolean; noPrune?: boolean; platforms?: readonly string[] },
): Promise<ImageDeleteItem[]> {
  const query = { force: options.force, noprune: options.noPrune, platforms: options.platforms };
  return client.json("DELETE", `/images/${name}`, { query });
}

/** `GET /images/get`: an archive of images. */
export function saveImages(client: Client, names: readonly string[], platform?: string): Promise<ClientResponse> {
  return client.request("GET", "/images/get", { query: { names, platform } });
}

/** `POST /images/load`: answers a progress stream. */
export function loadImages(
  client: Client,
  archive: AsyncIterable<Buffer>,
  options: { quiet: boolean; platform?: string | undefined },
): Promise<ClientResponse> {
  return client.request("POST", "/images/load", {
    query: { quiet: options.quiet ? "1" : "0", platform: options.platform },
    headers: { "Content-Type": "application/x-tar" },
    body: archive,
  });
}

/** What to make of an imported file system. */
export interface ImportOptions {
  /** `-` for the body, else an address that the daemon fetches. */
  readonly source: string;
  readonly repo: string;
  readonly tag: string;
  readonly message: string;
  readonly changes: readonly string[];
  readonly platform: string;
}

/** `POST /images/create` with a file system: answers a progress stream. */
export function importImage(
  client: Client,
  options: ImportOptions,
  archive?: AsyncIterable<Buffer>,
): Promise<ClientResponse> {
  return client.request("POST", "/images/create", {
    query: {
      fromSrc: options.source,
      repo: options.repo || undefined,
      tag: options.tag || undefined,
      message: options.message || undefined,
      changes: options.changes,
      platform: options.platform ? options.platform.toLowerCase() : undefined,
    },
    ...(archive !== undefined && { headers: { "Content-Type": "text/plain" }, body: archive }),
  });
}

/** `POST /images/create` from a registry: answers a progress stream. */
export function pullImage(
  client: Client,
  image: { name: string; tag: string },
  platform: string | undefined,
): Promise<ClientResponse> {
  const query = { fromImage: image.name, tag: image.tag, platform: platform ? platform.toLowerCase() : undefined };
  return client.request("POST", "/images/create", { query });
}

/** `POST /escale/v1/images/bootstrap`: makes a base image from the machine's own packages; answers a progress stream. */
export function bootstrapImage(client: Client, name: string): Promise<ClientResponse> {
  return client.request("POST", "/escale/v1/images/bootstrap", { json: { name } });
}

/** `POST /images/prune`. */
export function pruneImages(client: Client, filters: Filters): Promise<ImagesPruned> {
  return client.json("POST", "/images/prune", { query: { filters: encodeFilters(filters) } });
}
