import { EscaleError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Containers } from "../../engine/containers/index.ts";
import type { Events } from "../../engine/events/index.ts";
import type { Images } from "../../engine/images/index.ts";
import type { Networks } from "../../engine/networks/index.ts";
import type { System } from "../../engine/system/index.ts";
import {
  createRouter,
  type Exchange,
  type HttpServer,
  type HttpServerOptions,
  type ListenAddress,
  openHttpServer,
  type Router,
} from "../../http/index.ts";
import { apiVersion } from "../../wire/docker/api-version.ts";
import { operations } from "../../wire/docker/operations.ts";
import { answerError, commonHeaders, encodeDocument } from "./answers.ts";
import { containerHandlers } from "./containers.ts";
import { describeError } from "./errors.ts";
import { eventHandlers } from "./events.ts";
import { execHandlers } from "./execs.ts";
import { imageTransferHandlers } from "./image-transfer.ts";
import { imageHandlers } from "./images.ts";
import { networkHandlers } from "./networks.ts";
import { notBuilt, outsideSwarm } from "./not-built.ts";
import { pluginHandlers } from "./plugins.ts";
import { parseQuery, type Query } from "./query.ts";
import type { DockerRequest, Handler, Handlers } from "./request.ts";
import { systemHandlers } from "./system.ts";
import { compareVersions, problemOfVersion, splitVersion } from "./version.ts";
import { volumeHandlers } from "./volumes.ts";

/** What the door opens to. */
export interface DockerDoorDeps {
  readonly containers: Containers;
  readonly images: Images;
  readonly networks: Networks;
  readonly events: Events;
  readonly system: System;
  readonly log: Logger;
}

/** The Docker Engine API, listening. Disposing it closes its addresses; containers go on. */
export type DockerDoor = HttpServer;

/** The operations whose connection may become something else than HTTP. */
const takeable = /^(\/v[0-9.]+)?\/(containers\/.+\/attach|exec\/.+\/start|session|grpc)(\?|$)/;

const unclean = /\/(\/|\.\.?(\/|$))/;

/** The path without empty, `.` and `..` segments; undefined when it has none of them. */
function cleanPath(path: string): string | undefined {
  const decoded = path.includes("%") ? decodeURIComponent(path) : path;
  if (!unclean.test(decoded)) return undefined;
  const kept: string[] = [];
  for (const segment of decoded.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(encodeURIComponent(segment));
  }
  return `/${kept.join("/")}${decoded.endsWith("/") && kept.length > 0 ? "/" : ""}`;
}

function isWellEncoded(path: string): boolean {
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

class RoutedRequest implements DockerRequest {
  readonly exchange: Exchange;
  readonly version: string;
  readonly params: Readonly<Record<string, string>>;
  readonly #queryText: string;
  #query: Query | undefined;

  constructor(exchange: Exchange, version: string, params: Readonly<Record<string, string>>, queryText: string) {
    this.exchange = exchange;
    this.version = version;
    this.params = params;
    this.#queryText = queryText;
  }

  get query(): Query {
    this.#query ??= parseQuery(this.#queryText);
    return this.#query;
  }
}

function openRouter(deps: DockerDoorDeps, report: (error: unknown) => void): Router<Handler> {
  const handlers: Handlers = {
    ...systemHandlers(deps),
    ...eventHandlers(deps),
    ...containerHandlers({ containers: deps.containers, report }),
    ...execHandlers({ containers: deps.containers, report }),
    ...imageHandlers(deps),
    ...imageTransferHandlers({ images: deps.images, report }),
    ...networkHandlers(deps),
    ...volumeHandlers(),
    ...pluginHandlers(),
  };
  const router = createRouter<Handler>();
  for (const { method, path, operationId } of operations) {
    router.add(method, path, handlers[operationId] ?? outsideSwarm(operationId) ?? notBuilt(operationId));
  }
  return router;
}

/** Answers what never reaches an operation; false when the request is for one. */
function answerOutside(exchange: Exchange, path: string, queryText: string): boolean {
  if (!isWellEncoded(path)) {
    exchange.answer(400, ["Content-Type", "text/plain; charset=utf-8", "Connection", "close"], "400 Bad Request");
    return true;
  }
  const clean = cleanPath(path);
  if (clean !== undefined) {
    exchange.answer(301, ["Location", queryText === "" ? clean : `${clean}?${queryText}`], "");
    return true;
  }
  if (exchange.method !== "OPTIONS") return false;
  exchange.answer(200, commonHeaders, "");
  return true;
}

function answerNotFound(exchange: Exchange): void {
  exchange.answer(404, ["Content-Type", "application/json"], '{"message":"page not found"}\n');
}

/** Refuses a version that is not served; true when it did. */
function refuseVersion(request: DockerRequest): boolean {
  const problem = problemOfVersion(request.version);
  if (problem === undefined) return false;
  const { exchange } = request;
  const [first, last] = [commonHeaders.slice(0, 2), commonHeaders.slice(4)];
  if (problem.isTooOld) {
    // Clients of that age do not read documents.
    const headers = [...first, "Content-Type", "text/plain; charset=utf-8", ...last];
    exchange.answer(400, [...headers, "X-Content-Type-Options", "nosniff"], `${problem.message}\n`);
  } else {
    const headers = [...first, "Content-Type", "application/json", ...last];
    exchange.answer(400, headers, encodeDocument({ message: problem.message }));
  }
  return true;
}

/**
 * Answers the Docker Engine API. The life of a request: path cleaned → version checked → operation found by method and
 * path → its handler answers, or throws and the error is answered.
 */
export function dockerDoor(deps: DockerDoorDeps): HttpServerOptions {
  const log = deps.log.child({ part: "api.docker" });
  const report = (error: unknown): void => {
    if (error instanceof EscaleError) log.debug("an operation failed", { error });
    else log.error("a bug made an operation fail", { error });
  };
  const router = openRouter(deps, report);

  async function handle(exchange: Exchange): Promise<void> {
    const [fullPath = "/", ...rest] = exchange.target.split("?");
    const queryText = rest.join("?");
    if (answerOutside(exchange, fullPath, queryText)) return;
    const { version, path } = splitVersion(fullPath);
    const route = router.find(exchange.method, path);
    if (route === undefined) {
      answerNotFound(exchange);
      return;
    }
    const request = new RoutedRequest(exchange, version ?? apiVersion, route.params, queryText);
    if (version !== undefined && compareVersions(version, apiVersion) !== 0 && refuseVersion(request)) return;
    try {
      await route.value(request);
    } catch (error) {
      report(error);
      if (exchange.isAnswered) return;
      const { status, message } = describeError(error);
      answerError(request, status, message);
    }
  }

  return { handle, mayTakeOver: ({ method, target }) => method === "POST" && takeable.test(target) };
}

/** Listens for the Docker Engine API alone. Errors: conflict when an address is taken. */
export function openDockerDoor(deps: DockerDoorDeps, addresses: readonly ListenAddress[]): Promise<DockerDoor> {
  return openHttpServer(addresses, dockerDoor(deps));
}
