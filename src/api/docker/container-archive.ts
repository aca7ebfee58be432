/** Files of containers in and out as archives, and what has changed of them. */
import { invalid } from "../../base/errors.ts";
import type { Containers } from "../../engine/containers/index.ts";
import type { ContainerPathStat } from "../../wire/docker/containers.ts";
import { answerEmpty, answerJson, commonHeaders, encodeItem, headersFor, openStream, sendArchive } from "./answers.ts";
import { type DockerRequest, type Handlers, param } from "./request.ts";

/** Clients send a configuration that they have not changed: what is to change comes as instructions. */
const largestConfig = 4 * 1024 * 1024;

function pathOf(request: DockerRequest): string {
  const path = request.query.text("path");
  // Docker's own words lack the blank.
  if (path === "") throw invalid("bad parameter: pathcannot be empty");
  return path;
}

function statHeader(stat: ContainerPathStat): string[] {
  return ["X-Docker-Container-Path-Stat", Buffer.from(encodeItem(stat)).toString("base64")];
}

/** `archive`, `changes` and `export` of containers. */
export function archiveHandlers(containers: Containers): Handlers {
  const idOf = (request: DockerRequest): string => param(request, "id");
  return {
    ContainerArchiveInfo: async (request) => {
      const stat = await containers.statPath(idOf(request), pathOf(request));
      request.exchange.answer(200, [...commonHeaders, ...statHeader(stat)]);
    },
    ContainerArchive: async (request) => {
      const { stat, archive } = await containers.getArchive(idOf(request), pathOf(request));
      const stream = request.exchange.open(200, [...headersFor("application/x-tar"), ...statHeader(stat)]);
      await sendArchive(request, stream, archive);
    },
    PutContainerArchive: async (request) => {
      const { query, exchange } = request;
      await containers.putArchive(idOf(request), pathOf(request), exchange.body, {
        noOverwriteDirNonDir: query.flag("noOverwriteDirNonDir"),
        copyUIDGID: query.flag("copyUIDGID"),
      });
      answerEmpty(request, 200);
    },
    ContainerChanges: async (request) => answerJson(request, 200, await containers.changes(idOf(request))),
    ImageCommit: async (request) => {
      const { query } = request;
      await request.exchange.readBody(largestConfig);
      const Id = await containers.commit(query.text("container"), {
        repository: query.text("repo"),
        tag: query.text("tag"),
        author: query.text("author"),
        comment: query.text("comment"),
        changes: query
          .texts("changes")
          .flatMap((text) => text.split("\n"))
          .filter((line) => line.trim() !== ""),
        pause: !query.has("pause") || query.flag("pause"),
      });
      answerJson(request, 201, { Id });
    },
    ContainerExport: async (request) => {
      const archive = await containers.export(idOf(request));
      await sendArchive(request, openStream(request, "application/octet-stream"), archive);
    },
  };
}
