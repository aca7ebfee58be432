import { invalid, messageOf } from "../../base/errors.ts";
import type { Containers } from "../../engine/containers/index.ts";
import { frame, frameLines } from "../../wire/docker/frames.ts";
import { openStream } from "./answers.ts";
import { parseTimestamp } from "./numbers.ts";
import { type DockerRequest, type Handler, param } from "./request.ts";
import { streamType } from "./streams.ts";

type LogsOptions = Parameters<Containers["logs"]>[1];

/** How many lines from the end; -1 for all, also for `all` and what is no number. */
function tailOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : -1;
}

function optionsOf(request: DockerRequest): LogsOptions {
  const { query, exchange } = request;
  const stdout = query.flag("stdout");
  const stderr = query.flag("stderr");
  if (!stdout && !stderr) throw invalid("Bad parameters: you must choose at least one stream");
  return {
    stdout,
    stderr,
    follow: query.flag("follow"),
    tail: tailOf(query.text("tail")),
    since: parseTimestamp(query.text("since")),
    until: parseTimestamp(query.text("until")),
    timestamps: query.flag("timestamps"),
    signal: exchange.signal,
  };
}

/** `GET /containers/{id}/logs`. */
export function logsHandler(containers: Containers): Handler {
  return async (request) => {
    const options = optionsOf(request);
    const { tty, chunks } = await containers.logs(param(request, "id"), options);
    const stream = openStream(request, streamType(request, tty));
    try {
      for await (const { stream: source, data } of chunks) {
        await stream.write(tty ? data : frameLines(source, data));
        if (options.signal?.aborted === true) break;
      }
    } catch (error) {
      if (options.signal?.aborted !== true) {
        const text = Buffer.from(`Error grabbing logs: ${messageOf(error)}\n`);
        await stream.write(tty ? text : frame("stderr", text));
      }
    }
    stream.end();
  };
}
