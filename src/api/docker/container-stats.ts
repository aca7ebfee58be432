import { invalid } from "../../base/errors.ts";
import type { Containers } from "../../engine/containers/index.ts";
import { commonHeaders, encodeItem, headersFor } from "./answers.ts";
import { type Handler, param } from "./request.ts";

/** `GET /containers/{id}/stats`: one document, or one each second on a stream that bears no content type. */
export function statsHandler(containers: Containers): Handler {
  return async (request) => {
    const { query, exchange } = request;
    const isStream = !query.has("stream") || query.flag("stream");
    const isOneShot = query.flag("one-shot");
    if (isStream && isOneShot) throw invalid("cannot have stream=true and one-shot=true");
    const id = param(request, "id");
    if (!isStream) {
      const stats = await containers.stats(id, { isOneShot });
      exchange.answer(200, headersFor("application/json"), `${encodeItem(stats)}\n`);
      return;
    }
    const readings = containers.statsStream(id, exchange.signal);
    const stream = exchange.open(200, commonHeaders);
    try {
      for await (const stats of readings) await stream.write(`${encodeItem(stats)}\n`);
    } catch (error) {
      if (!exchange.signal.aborted) {
        stream.abort();
        throw error;
      }
    }
    stream.end();
  };
}
