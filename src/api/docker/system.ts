import { invalid } from "../../base/errors.ts";
import type { System } from "../../engine/system/index.ts";
import { apiVersion } from "../../wire/docker/api-version.ts";
import type { DiskUsageKind } from "../../wire/docker/disk-usage.ts";
import { answerJson, commonHeaders } from "./answers.ts";
import type { DockerRequest, Handlers } from "./request.ts";

const pingHeaders: readonly string[] = [
  "Api-Version",
  apiVersion,
  "Cache-Control",
  "no-cache, no-store, must-revalidate",
  "Content-Type",
  "text/plain; charset=utf-8",
  ...commonHeaders.slice(2, 6),
  "Pragma",
  "no-cache",
  ...commonHeaders.slice(6),
  "Swarm",
  "inactive",
];

const kinds: readonly DiskUsageKind[] = ["container", "image", "volume", "build-cache"];

/** The kinds that `type` names, all when it names none. Errors: invalid. */
function kindsOf(request: DockerRequest): ReadonlySet<DiskUsageKind> {
  const asked = request.query.texts("type").map((text) => {
    const kind = kinds.find((known) => known === text);
    if (kind === undefined) throw invalid(`unknown object type: ${text}`);
    return kind;
  });
  return new Set(asked.length === 0 ? kinds : asked);
}

/** The daemon itself: is it there, what is it, what does it run on. */
export function systemHandlers(deps: { readonly system: System }): Handlers {
  const { system } = deps;
  return {
    SystemPing: ({ exchange }: DockerRequest): void => exchange.answer(200, pingHeaders, "OK"),
    SystemPingHead: ({ exchange }: DockerRequest): void => exchange.answer(200, pingHeaders, ""),
    SystemInfo: async (request) => answerJson(request, 200, await system.info()),
    SystemDataUsage: async (request) => answerJson(request, 200, await system.diskUsage(kindsOf(request))),
    SystemVersion: async (request) => answerJson(request, 200, await system.version()),
  };
}
