/** What can be asked of containers. `id` is an id, a unique beginning of one, or a name. */
import { invalid } from "../base/errors.ts";
import type {
  ContainerCreateResponse,
  ContainerInspect,
  ContainerSummary,
  ContainerTop,
  ContainerWaitResponse,
} from "../wire/docker/containers.ts";
import type { ContainersPruned } from "../wire/docker/disk-usage.ts";
import type { ContainerStats, ContainerUpdateResponse } from "../wire/docker/stats.ts";
import type { Client, ClientResponse } from "./client.ts";
import type { Connection } from "./connection.ts";

/** Filters by name, each with its values. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** Filters as a query carries them; undefined for none. */
export function encodeFilters(filters: Filters): string | undefined {
  const names = Object.keys(filters).sort();
  if (names.length === 0) return undefined;
  const wire: Record<string, Record<string, true>> = {};
  for (const name of names) {
    const values: Record<string, true> = {};
    for (const value of [...(filters[name] ?? [])].sort()) values[value] = true;
    wire[name] = values;
  }
  return JSON.stringify(wire);
}

/** The path of a verb on a container. Errors: invalid for an empty name. */
export function pathOf(id: string, verb: string): string {
  const name = id.trim();
  if (name === "") throw invalid("invalid container name or ID: value is empty");
  return `/containers/${name}${verb}`;
}

/** `GET /containers/json`. */
export function listContainers(
  client: Client,
  options: { all?: boolean; limit?: number; size?: boolean; filters?: Filters },
): Promise<ContainerSummary[]> {
  const query = {
    all: options.all,
    limit: options.limit !== undefined && options.limit > 0 ? options.limit : undefined,
    size: options.size,
    filters: encodeFilters(options.filters ?? {}),
  };
  return client.json("GET", "/containers/json", { query });
}

/** `POST /containers/create`. */
export function createContainer(
  client: Client,
  body: unknown,
  options: { name?: string | undefined; platform?: string | undefined },
): Promise<ContainerCreateResponse> {
  const query = { name: options.name || undefined, platform: options.platform || undefined };
  return client.json("POST", "/containers/create", { query, json: body });
}

/** `GET /containers/{id}/json`, as the daemon wrote it. */
export function inspectContainerText(client: Client, id: string, size = false): Promise<string> {
  return client.text("GET", pathOf(id, "/json"), { query: { size } });
}

/** `GET /containers/{id}/json`. */
export async function inspectContainer(client: Client, id: string): Promise<ContainerInspect> {
  return JSON.parse(await inspectContainerText(client, id)) as ContainerInspect;
}

/** `POST /containers/{id}/start`. */
export async function startContainer(client: Client, id: string): Promise<void> {
  await client.text("POST", pathOf(id, "/start"));
}

/** How to end a container: seconds until it is killed (-1: never), and the signal. */
export interface StopOptions {
  readonly timeout?: number | undefined;
  readonly signal?: string | undefined;
}

/** `POST /containers/{id}/stop`. */
export async function stopContainer(client: Client, id: string, options: StopOptions): Promise<void> {
  const query = { t: options.timeout, signal: options.signal || undefined };
  await client.text("POST", pathOf(id, "/stop"), { query });
}

/** `POST /containers/{id}/restart`. */
export async function restartContainer(client: Client, id: string, options: StopOptions): Promise<void> {
  const query = { t: options.timeout, signal: options.signal || undefined };
  await client.text("POST", pathOf(id, "/restart"), { query });
}

/** `POST /containers/{id}/kill`; without a signal the daemon sends SIGKILL. */
export async function killContainer(client: Client, id: string, signal: string | undefined): Promise<void> {
  await client.text("POST", pathOf(id, "/kill"), { query: { signal: signal || undefined } });
}

/** `POST /containers/{id}/pause`. */
export async function pauseContainer(client: Client, id: string): Promise<void> {
  await client.text("POST", pathOf(id, "/pause"));
}

/** `POST /containers/{id}/unpause`. */
export async function unpauseContainer(client: Client, id: string): Promise<void> {
  await client.text("POST", pathOf(id, "/unpause"));
}

/** `POST /containers/{id}/rename`. */
export async function renameContainer(client: Client, id: string, name: string): Promise<void> {
  await client.text("POST", pathOf(id, "/rename"), { query: { name } });
}

/** `DELETE /containers/{id}`. */
export async function removeContainer(
  client: Client,
  id: string,
  options: { force?: boolean; volumes?: boolean; link?: boolean },
): Promise<void> {
  await client.text("DELETE", pathOf(id, ""), {
    query: { force: options.force, v: options.volumes, link: options.link },
  });
}

/** `GET /containers/{id}/top`. */
export function topContainer(client: Client, id: string, psArguments: readonly string[]): Promise<ContainerTop> {
  return client.json("GET", pathOf(id, "/top"), { query: { ps_args: psArguments.join(" ") || undefined } });
}

/** Which part of a log, in the daemon's own notation. */
export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  readonly tail: string;
  /** Seconds since 1970 with nanoseconds, `1700000000.000000000`; empty for no bound. */
  readonly since: string;
  readonly until: string;
}

/** `GET /containers/{id}/logs`: framed unless the container has a terminal. */
export function containerLogs(client: Client, id: string, options: LogOptions): Promise<ClientResponse> {
  const query = {
    stdout: true,
    stderr: true,
    follow: options.follow,
    timestamps: options.timestamps,
    details: options.details,
    tail: options.tail,
    since: options.since || undefined,
    until: options.until || undefined,
  };
  return client.request("GET", pathOf(id, "/logs"), { query });
}

/** What to wait for. */
export type WaitCondition = "not-running" | "next-exit" | "removed";

/**
 * `POST /containers/{id}/wait`. Resolves once the daemon has taken note of the request; the result then comes with
 * the exit.
 */
export async function waitContainer(
  client: Client,
  id: string,
  condition: WaitCondition | undefined,
): Promise<{ result: Promise<ContainerWaitResponse> }> {
  const response = await client.request("POST", pathOf(id, "/wait"), { query: { condition } });
  const read = async (): Promise<ContainerWaitResponse> => {
    const pieces: Buffer[] = [];
    for await (const piece of response.body) pieces.push(piece);
    return JSON.parse(Buffer.concat(pieces).toString()) as ContainerWaitResponse;
  };
  const result = read();
  // Whoever does not get to ask for the result (a failed start) must not meet its failure as an unhandled one.
  result.catch(() => undefined);
  return { result };
}

/** Which streams of a container to attach to. */
export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly detachKeys: string;
}

/** `POST /containers/{id}/attach`: the connection carries input one way, output (framed without a terminal) the other. */
export function attachContainer(client: Client, id: string, options: AttachOptions): Promise<Connection> {
  const query = {
    stream: true,
    stdin: options.stdin,
    stdout: options.stdout,
    stderr: options.stderr,
    detachKeys: options.detachKeys || undefined,
  };
  return client.upgrade(pathOf(id, "/attach"), { query });
}

/** `POST /containers/{id}/resize`. */
export async function resizeContainer(client: Client, id: string, height: number, width: number): Promise<void> {
  await client.text("POST", pathOf(id, "/resize"), { query: { h: height, w: width } });
}

/** `POST /containers/{id}/exec`, checked and named like the rest. */
export function createExec(client: Client, id: string, body: unknown): Promise<{ Id: string }> {
  return client.json("POST", pathOf(id, "/exec"), { json: body });
}

/** `GET /containers/{id}/stats`, once. */
export function containerStats(client: Client, id: string): Promise<ContainerStats> {
  return client.json("GET", pathOf(id, "/stats"), { query: { stream: "0" } });
}

/** `GET /containers/{id}/stats`: one JSON object each second. */
export function streamContainerStats(client: Client, id: string): Promise<ClientResponse> {
  return client.request("GET", pathOf(id, "/stats"), { query: { stream: "1" } });
}

/** `POST /containers/{id}/update`. */
export function updateContainer(client: Client, id: string, body: unknown): Promise<ContainerUpdateResponse> {
  return client.json("POST", pathOf(id, "/update"), { json: body });
}

/** `POST /containers/prune`. */
export function pruneContainers(client: Client, filters: Filters): Promise<ContainersPruned> {
  return client.json("POST", "/containers/prune", { query: { filters: encodeFilters(filters) } });
}
