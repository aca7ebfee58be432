import type { Images } from "../../engine/images/index.ts";
import { answerEmpty, answerJson } from "./answers.ts";
import { parseFilters } from "./filters.ts";
import { type Handlers, param } from "./request.ts";

const acceptedFilters: readonly string[] = ["before", "dangling", "label", "label!", "reference", "since", "until"];

const pruneFilters: readonly string[] = ["dangling", "label", "label!", "until"];

/** Images that are here: found, described, named, removed. */
export function imageHandlers(deps: { readonly images: Images }): Handlers {
  const { images } = deps;
  return {
    ImageList: async (request) => {
      const { query } = request;
      const filters = parseFilters(query.text("filters"), acceptedFilters);
      const options = { all: query.flag("all"), filters, sharedSize: query.flag("shared-size") };
      answerJson(request, 200, await images.list(options));
    },
    ImageInspect: async (request) => answerJson(request, 200, await images.inspect(param(request, "name"))),
    ImageHistory: (request) => answerJson(request, 200, images.history(param(request, "name"))),
    ImageTag: async (request) => {
      await images.tag(param(request, "name"), request.query.text("repo"), request.query.text("tag"));
      answerEmpty(request, 201);
    },
    ImagePrune: async (request) => {
      answerJson(request, 200, await images.prune(parseFilters(request.query.text("filters"), pruneFilters)));
    },
    ImageDelete: async (request) => {
      const options = { force: request.query.flag("force"), prune: !request.query.flag("noprune") };
      answerJson(request, 200, await images.remove(param(request, "name"), options));
    },
  };
}
