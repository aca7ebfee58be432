import { notFound } from "../../base/errors.ts";
import { answerJson } from "./answers.ts";
import { type DockerRequest, type Handlers, param } from "./request.ts";

function noSuchPlugin(request: DockerRequest): never {
  throw notFound(`plugin ${JSON.stringify(param(request, "name"))} not found`);
}

/** Plugins. None can be installed, so there are none. */
export function pluginHandlers(): Handlers {
  return {
    PluginList: (request) => answerJson(request, 200, []),
    PluginInspect: noSuchPlugin,
    PluginDelete: noSuchPlugin,
  };
}
