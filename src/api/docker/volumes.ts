import { notFound, unavailable } from "../../base/errors.ts";
import { answerJson } from "./answers.ts";
import { parseFilters } from "./filters.ts";
import { type DockerRequest, type Handlers, param } from "./request.ts";

const acceptedFilters: readonly string[] = ["dangling", "driver", "label", "name"];

function noSuchVolume(request: DockerRequest): never {
  throw notFound(`get ${param(request, "name")}: no such volume`);
}

/** Volumes. None can be made yet, so there are none. */
export function volumeHandlers(): Handlers {
  return {
    VolumeList: (request) => {
      parseFilters(request.query.text("filters"), acceptedFilters);
      answerJson(request, 200, { Volumes: [], Warnings: null });
    },
    VolumeInspect: noSuchVolume,
    VolumeDelete: noSuchVolume,
    VolumeUpdate: () => {
      throw unavailable("volume update only valid for cluster volumes, but swarm is unavailable");
    },
  };
}
