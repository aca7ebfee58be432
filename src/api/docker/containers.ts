import { EscaleError, invalid } from "../../base/errors.ts";
import type { Containers } from "../../engine/containers/index.ts";
import type { ContainerCreateRequest } from "../../wire/docker/containers.ts";
import type { ContainerUpdateRequest } from "../../wire/docker/stats.ts";
import { answerEmpty, answerJson, encodeItem, openStream } from "./answers.ts";
import { archiveHandlers } from "./container-archive.ts";
import { attachHandler } from "./container-attach.ts";
import { logsHandler } from "./container-logs.ts";
import { containerCreateShape, containerUpdateShape } from "./container-shapes.ts";
import { statsHandler } from "./container-stats.ts";
import { parseFilters } from "./filters.ts";
import { readJson } from "./json-body.ts";
import { parseSize } from "./numbers.ts";
import { type DockerRequest, type Handler, type Handlers, param } from "./request.ts";

const acceptedFilters: readonly string[] = [
  "ancestor",
  "before",
  "exited",
  "expose",
  "health",
  "id",
  "is-task",
  "isolation",
  "label",
  "name",
  "network",
  "publish",
  "since",
  "status",
  "volume",
];

const pruneFilters: readonly string[] = ["label", "label!", "until"];

const conditions = ["not-running", "next-exit", "removed"] as const;

function idOf(request: DockerRequest): string {
  return param(request, "id");
}

async function readCreateRequest(request: DockerRequest): Promise<ContainerCreateRequest> {
  const body = await readJson(request.exchange, containerCreateShape, "");
  if (body === undefined) throw invalid("invalid JSON: got EOF while reading request body");
  const { HostConfig: _host, NetworkingConfig: _networking, ...config } = body as ContainerCreateRequest;
  if (Object.keys(config).length === 0) throw invalid("config cannot be empty in order to create a container");
  return body as ContainerCreateRequest;
}

/** `t` in seconds and `signal`, as stop and restart take them. */
function stopOptions(request: DockerRequest): { timeout?: number; signal?: string } {
  const timeout = request.query.whole("t");
  const signal = request.query.text("signal");
  return { ...(timeout !== undefined && { timeout }), ...(signal !== "" && { signal }) };
}

function waitHandler(containers: Containers): Handler {
  return async (request) => {
    const text = request.query.text("condition");
    const condition = text === "" ? "not-running" : conditions.find((known) => known === text);
    if (condition === undefined) throw invalid(`invalid condition: ${JSON.stringify(text)}`);
    const { signal } = request.exchange;
    const { result } = await containers.wait(idOf(request), condition, signal);
    // Clients start the container only when they see that the daemon waits for it.
    const stream = openStream(request, "application/json");
    try {
      await stream.write(`${encodeItem(await result)}\n`);
    } catch (error) {
      if (!signal.aborted) {
        stream.abort();
        throw error;
      }
    }
    stream.end();
  };
}

/** Reads `h` and `w`, the new size of a terminal. Errors: invalid. */
export function terminalSize(request: DockerRequest): { height: number; width: number } {
  const height = parseSize(request.query.text("h"), "resize height");
  return { height, width: parseSize(request.query.text("w"), "resize width") };
}

/** Docker says at the door, and only for this verb, what could not be done. */
async function kill(containers: Containers, id: string, signal: string): Promise<void> {
  const prefix = `cannot kill container: ${id}: `;
  try {
    await containers.kill(id, signal);
  } catch (error) {
    if (!(error instanceof EscaleError) || error.message.startsWith(prefix)) throw error;
    throw new EscaleError(error.kind, `${prefix}${error.message}`, { cause: error });
  }
}

/** What a handler does that answers 204 when done. */
function quietly(act: (request: DockerRequest) => Promise<void>): Handler {
  return async (request) => {
    await act(request);
    answerEmpty(request, 204);
  };
}

/** Containers: everything but execs. `report` logs errors of streams that were opened. */
export function containerHandlers(deps: {
  readonly containers: Containers;
  readonly report: (error: unknown) => void;
}): Handlers {
  const { containers } = deps;
  return {
    ContainerList: async (request) => {
      const { query } = request;
      const filters = parseFilters(query.text("filters"), acceptedFilters);
      const limit = Math.max(0, query.whole("limit") ?? 0);
      const found = await containers.list({ all: query.flag("all"), size: query.flag("size"), limit, filters });
      answerJson(request, 200, found);
    },
    ContainerCreate: async (request) => {
      const body = await readCreateRequest(request);
      const options = { name: request.query.text("name"), platform: request.query.text("platform") };
      answerJson(request, 201, await containers.create(body, options));
    },
    ContainerInspect: async (request) => {
      answerJson(request, 200, await containers.inspect(idOf(request), { size: request.query.flag("size") }));
    },
    ContainerTop: async (request) => {
      const { Titles, Processes } = await containers.top(idOf(request), request.query.text("ps_args") || "-ef");
      answerJson(request, 200, { Processes, Titles });
    },
    ContainerStats: statsHandler(containers),
    ContainerUpdate: async (request) => {
      const body = await readJson(request.exchange, containerUpdateShape, "UpdateConfig");
      answerJson(request, 200, await containers.update(idOf(request), (body ?? {}) as ContainerUpdateRequest));
    },
    ContainerPrune: async (request) => {
      const filters = parseFilters(request.query.text("filters"), pruneFilters);
      answerJson(request, 200, await containers.prune(filters));
    },
    ContainerLogs: logsHandler(containers),
    ContainerResize: async (request) => {
      await containers.resize(idOf(request), terminalSize(request));
      answerEmpty(request, 200);
    },
    ContainerStart: quietly(async (request) => {
      const { headers } = request.exchange;
      if (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 2) {
        throw invalid(
          "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24",
        );
      }
      const detachKeys = request.query.text("detachKeys");
      await containers.start(idOf(request), detachKeys === "" ? {} : { detachKeys });
    }),
    ContainerStop: quietly((request) => containers.stop(idOf(request), stopOptions(request))),
    ContainerRestart: quietly((request) => containers.restart(idOf(request), stopOptions(request))),
    ContainerKill: quietly((request) => kill(containers, idOf(request), request.query.text("signal"))),
    ContainerRename: quietly((request) => {
      const name = request.query.text("name");
      if (name === "") throw invalid("Neither old nor new names may be empty");
      return containers.rename(idOf(request), name);
    }),
    ContainerPause: quietly((request) => containers.pause(idOf(request))),
    ContainerUnpause: quietly((request) => containers.unpause(idOf(request))),
    ContainerAttach: attachHandler(containers, deps.report),
    ...archiveHandlers(containers),
    ContainerWait: waitHandler(containers),
    ContainerDelete: quietly((request) => {
      const { query } = request;
      const options = { force: query.flag("force"), volumes: query.flag("v"), link: query.flag("link") };
      return containers.remove(idOf(request), options);
    }),
  };
}
