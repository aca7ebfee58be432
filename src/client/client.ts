/** The client of the Docker Engine API that every command uses. */

import { posix } from "node:path";
import { type ErrorKind, EscaleError, hasCode, messageOf } from "../base/errors.ts";
import { apiVersion, oldestApiVersion } from "../wire/docker/api-version.ts";
import { type Connection, ConnectionEnded, openConnection, type ResponseHead, type WireRequest } from "./connection.ts";
import type { Endpoint } from "./endpoint.ts";

/** A value of a query: absent ones and false are left out, true is sent as 1. */
type QueryValue = string | number | boolean | readonly string[] | undefined;

/** What may go with a request. */
interface RequestOptions {
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Buffer | AsyncIterable<Buffer>;
  /** Ends the request and whatever of its response is still to come. */
  readonly signal?: AbortSignal | undefined;
}

/** A response whose body has not been read. Reading it to the end frees the connection for the next request. */
export interface ClientResponse extends ResponseHead {
  readonly body: AsyncGenerator<Buffer, void, undefined>;
}

/** What the daemon says of itself with every ping. */
interface DaemonInfo {
  /** The API version in use: the older of the client's and the daemon's. */
  readonly apiVersion: string;
  readonly osType: string;
}

/** A way to talk to one daemon; connections are opened as needed and kept for the next request. */
export interface Client {
  readonly endpoint: Endpoint;
  /** Asks the daemon once, before the first request, what it is and speaks. */
  daemon(): Promise<DaemonInfo>;
  /** Sends a request under the negotiated version. A status of 400 and above becomes an {@link EscaleError}. */
  request(method: string, path: string, options?: RequestOptions): Promise<ClientResponse>;
  /** Sends a request and reads the JSON of its response; undefined when that is empty. */
  json<T>(method: string, path: string, options?: RequestOptions): Promise<T>;
  /** Sends a request and reads its response as text. */
  text(method: string, path: string, options?: RequestOptions): Promise<string>;
  /** Sends a request that turns its connection into a raw stream in both directions. */
  upgrade(path: string, options?: RequestOptions): Promise<Connection>;
  /** Ends every connection. */
  close(): void;
}

/** Makes a client; nothing is sent before the first request. A `pinnedVersion` is used instead of negotiating. */
export function openClient(endpoint: Endpoint, pinnedVersion?: string): Client {
  const idle: Connection[] = [];
  const open = new Set<Connection>();
  let known: Promise<DaemonInfo> | undefined;

  const connectionTo = async (): Promise<Connection> => {
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      if (!connection.reader.isSpent) {
        connection.socket.ref();
        return connection;
      }
      connection.close();
    }
    try {
      const connection = await openConnection(endpoint);
      open.add(connection);
      connection.socket.once("close", () => open.delete(connection));
      return connection;
    } catch (error) {
      throw cannotConnect(endpoint, error);
    }
  };

  const keep = (connection: Connection): void => {
    if (!connection.isReusable || connection.reader.isSpent) {
      connection.close();
      return;
    }
    connection.socket.unref();
    idle.push(connection);
  };

  const exchange = async (request: WireRequest, signal?: AbortSignal): Promise<[Connection, ResponseHead]> => {
    for (;;) {
      signal?.throwIfAborted();
      const connection = await connectionTo();
      const isFresh = !connection.wasUsed;
      connection.wasUsed = true;
      const abort = (): void => connection.close();
      signal?.addEventListener("abort", abort, { once: true });
      try {
        return [connection, await connection.exchange(request)];
      } catch (error) {
        connection.close();
        signal?.throwIfAborted();
        // A daemon may close an idle connection just as the next request is written; that request was never seen.
        const canRepeat = !isFresh && error instanceof ConnectionEnded && !error.isPartial && isRepeatable(request);
        if (!canRepeat) throw brokenExchange(endpoint, request, error);
      }
    }
  };

  async function* bodyOf(connection: Connection, method: string, head: ResponseHead): AsyncGenerator<Buffer, void> {
    try {
      yield* connection.body(method, head);
    } finally {
      keep(connection);
    }
  }

  const ping = async (): Promise<DaemonInfo> => {
    const path = `${endpoint.kind === "tcp" ? endpoint.prefix : ""}/_ping`;
    let [connection, head] = await exchange({ method: "HEAD", path });
    await drain(bodyOf(connection, "HEAD", head));
    if (head.status !== 200) {
      [connection, head] = await exchange({ method: "GET", path });
      await drain(bodyOf(connection, "GET", head));
    }
    const theirs = head.headers.get("api-version") ?? oldestApiVersion;
    const version = pinnedVersion ?? (isOlder(theirs, apiVersion) ? theirs : apiVersion);
    return { apiVersion: version, osType: head.headers.get("ostype") ?? "linux" };
  };

  const daemon = (): Promise<DaemonInfo> => {
    known ??= ping();
    return known;
  };

  const send = async (
    method: string,
    path: string,
    options: RequestOptions,
    extra: Readonly<Record<string, string>>,
  ): Promise<[Connection, ResponseHead]> => {
    // Escale's own operations carry their version in their path.
    const version = path.startsWith("/escale/") ? "" : `/v${(await daemon()).apiVersion}`;
    const headers: Record<string, string> = { "User-Agent": "Escale-Client", ...extra, ...options.headers };
    if (options.json !== undefined) headers["Content-Type"] ??= "application/json";
    const request: WireRequest = {
      method,
      path: (endpoint.kind === "tcp" ? endpoint.prefix : "") + version + escapePath(path) + queryText(options.query),
      headers,
      ...(options.json !== undefined
        ? { body: JSON.stringify(options.json) }
        : options.body !== undefined && { body: options.body }),
    };
    return exchange(request, options.signal);
  };

  const request = async (method: string, path: string, options: RequestOptions = {}): Promise<ClientResponse> => {
    const [connection, head] = await send(method, path, options, {});
    const body = bodyOf(connection, method, head);
    if (head.status >= 400) throw daemonError(head, await readAll(body), path);
    return { ...head, body };
  };

  const text = async (method: string, path: string, options?: RequestOptions): Promise<string> =>
    (await readAll((await request(method, path, options)).body)).toString();

  return {
    endpoint,
    daemon,
    request,
    text,
    json: async <T>(method: string, path: string, options?: RequestOptions): Promise<T> => {
      const answer = await text(method, path, options);
      return (answer.trim() === "" ? undefined : JSON.parse(answer)) as T;
    },
    upgrade: async (path, options = {}) => {
      const [connection, head] = await send("POST", path, options, { Connection: "Upgrade", Upgrade: "tcp" });
      if (head.status === 101) return connection;
      const body = await readAll(bodyOf(connection, "POST", head));
      if (head.status >= 400) throw daemonError(head, body, path);
      connection.close();
      throw new Error(`unable to upgrade to tcp, received ${head.status}`);
    },
    close: () => {
      for (const connection of open) connection.close();
    },
  };
}

async function drain(body: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of body);
}

async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

function isRepeatable(request: WireRequest): boolean {
  return request.body === undefined || typeof request.body === "string" || Buffer.isBuffer(request.body);
}

/** Whether API version `a` is older than `b`. */
function isOlder(a: string, b: string): boolean {
  const [aMajor = 0, aMinor = 0] = a.split(".").map(Number);
  const [bMajor = 0, bMinor = 0] = b.split(".").map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor);
}

function escapePath(path: string): string {
  return posix
    .normalize(path)
    .replace(/(?<=.)\/$/, "")
    .replace(/[^A-Za-z0-9\-._~!$&'()*+,/:;=@]+/gu, (text) => encodeURIComponent(text));
}

function queryText(query: RequestOptions["query"]): string {
  const parts: string[] = [];
  for (const key of Object.keys(query ?? {}).sort()) {
    const value = query?.[key];
    if (value === undefined || value === false) continue;
    const values = typeof value === "object" ? value : [value === true ? "1" : String(value)];
    for (const one of values) parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(one)}`);
  }
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

const kinds: Readonly<Record<number, ErrorKind>> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  409: "conflict",
  501: "unsupported",
  503: "unavailable",
};

function daemonError(head: ResponseHead, body: Buffer, path: string): EscaleError {
  const text = body.toString().trim();
  let message = text;
  if (head.headers.get("content-type")?.startsWith("application/json")) {
    try {
      message = String((JSON.parse(text) as { message?: unknown }).message ?? "").trim();
    } catch {
      // Not what it says it is: shown as it came.
    }
  }
  const shown =
    message === ""
      ? `request returned ${head.status} for API route and version ${path}, check if the server supports the requested API version`
      : `Error response from daemon: ${message}`;
  return new EscaleError(kinds[head.status] ?? "internal", shown, { details: { status: head.status } });
}

function cannotConnect(endpoint: Endpoint, cause: unknown): EscaleError {
  if (hasCode(cause, "EACCES", "EPERM")) {
    const message = `permission denied while trying to connect to the Escale daemon socket at ${endpoint.address}`;
    return new EscaleError("unavailable", message, { cause, details: { connecting: true } });
  }
  const isAbsent = hasCode(cause, "ENOENT", "ECONNREFUSED", "ETIMEDOUT", "ENOTSOCK", "EHOSTUNREACH", "ENETUNREACH");
  const message = isAbsent
    ? `Cannot connect to the Escale daemon at ${endpoint.address}. Is the escale daemon running?`
    : `error during connect to ${endpoint.address}: ${messageOf(cause)}`;
  return new EscaleError("unavailable", message, { cause, details: { connecting: true } });
}

function brokenExchange(endpoint: Endpoint, request: WireRequest, cause: unknown): unknown {
  const isBroken = cause instanceof ConnectionEnded || hasCode(cause, "ECONNRESET", "EPIPE", "ERR_STREAM_DESTROYED");
  if (!isBroken) return cause;
  const message = `error during connect: ${request.method} ${endpoint.address}${request.path}: ${messageOf(cause)}`;
  return new EscaleError("unavailable", message, { cause, details: { connecting: true } });
}
