import type { System } from "../../engine/system/index.ts";
import { apiVersion } from "../../wire/docker/api-version.ts";
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

/** The daemon itself: is it there, what is it, what does it run on. */
export function systemHandlers(deps: { readonly system: System }): Handlers {
  const { system } = deps;
  return {
    SystemPing: ({ exchange }: DockerRequest): void => exchange.answer(200, pingHeaders, "OK"),
    SystemPingHead: ({ exchange }: DockerRequest): void => exchange.answer(200, pingHeaders, ""),
    SystemInfo: async (request) => answerJson(request, 200, await system.info()),
    SystemVersion: async (request) => answerJson(request, 200, await system.version()),
  };
}
