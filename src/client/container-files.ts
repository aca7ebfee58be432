/** What can be asked of containers' files. */
import type { ContainerPathStat, FilesystemChange } from "../wire/docker/containers.ts";
import type { Client, ClientResponse } from "./client.ts";
import { pathOf } from "./containers.ts";

function statOf(headers: ReadonlyMap<string, string>): ContainerPathStat {
  const text = headers.get("x-docker-container-path-stat") ?? "";
  return JSON.parse(Buffer.from(text, "base64").toString()) as ContainerPathStat;
}

/** `HEAD /containers/{id}/archive`. */
export async function statContainerPath(client: Client, id: string, path: string): Promise<ContainerPathStat> {
  const { headers, body } = await client.request("HEAD", pathOf(id, "/archive"), { query: { path } });
  for await (const _ of body);
  return statOf(headers);
}

/** `GET /containers/{id}/archive`: a tar, and what it is of. */
export async function getArchive(
  client: Client,
  id: string,
  path: string,
): Promise<{ stat: ContainerPathStat; body: ClientResponse["body"] }> {
  const { headers, body } = await client.request("GET", pathOf(id, "/archive"), { query: { path } });
  return { stat: statOf(headers), body };
}

/** `PUT /containers/{id}/archive`. */
export async function putArchive(
  client: Client,
  id: string,
  path: string,
  archive: AsyncIterable<Buffer>,
  options: { copyUIDGID: boolean },
): Promise<void> {
  await client.text("PUT", pathOf(id, "/archive"), {
    query: { path, noOverwriteDirNonDir: "true", copyUIDGID: options.copyUIDGID ? "true" : undefined },
    headers: { "Content-Type": "text/plain" },
    body: archive,
  });
}

/** `GET /containers/{id}/changes`. */
export function containerChanges(client: Client, id: string): Promise<FilesystemChange[]> {
  return client.json("GET", pathOf(id, "/changes"));
}

/** `GET /containers/{id}/export`: a tar of the whole file system. */
export function exportContainer(client: Client, id: string): Promise<ClientResponse> {
  return client.request("GET", pathOf(id, "/export"));
}

/** `POST /commit`: makes an image of a container. */
export function commitContainer(
  client: Client,
  container: string,
  options: {
    readonly repo: string;
    readonly tag: string;
    readonly author: string;
    readonly comment: string;
    readonly changes: readonly string[];
    readonly pause: boolean;
  },
): Promise<{ Id: string }> {
  const { pause, ...named } = options;
  return client.json("POST", "/commit", { query: { container, ...named, pause: pause ? undefined : "0" }, json: null });
}
