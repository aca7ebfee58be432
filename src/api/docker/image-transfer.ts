import { invalid, unsupported } from "../../base/errors.ts";
import type { Images, ImportOptions } from "../../engine/images/index.ts";
import type { ProgressMessage } from "../../wire/docker/images.ts";
import { encodeItem, openStream, sendArchive } from "./answers.ts";
import { describeError } from "./errors.ts";
import { type DockerRequest, type Handlers, param } from "./request.ts";

function encodeProgress(message: ProgressMessage): string {
  return `${encodeItem(message)}\r\n`;
}

async function load(images: Images, report: (error: unknown) => void, request: DockerRequest): Promise<void> {
  const { exchange, query } = request;
  const { signal } = exchange;
  const stream = openStream(request, "application/json");
  try {
    for await (const message of images.load(exchange.body, { quiet: query.flag("quiet"), signal })) {
      await stream.write(encodeProgress(message));
    }
  } catch (error) {
    report(error);
    const { message } = describeError(error);
    await stream.write(encodeProgress({ errorDetail: { message }, error: message }));
  }
  stream.end();
}

function importOptions(request: DockerRequest): ImportOptions {
  const { query, exchange } = request;
  const given = (name: string): string | undefined => query.text(name) || undefined;
  const [repository, tag, message, platform] = ["repo", "tag", "message", "platform"].map(given);
  return {
    ...(repository !== undefined && { repository }),
    ...(tag !== undefined && { tag }),
    ...(message !== undefined && { message }),
    ...(platform !== undefined && { platform }),
    ...(query.has("changes") && { changes: query.texts("changes") }),
    signal: exchange.signal,
  };
}

async function create(images: Images, request: DockerRequest): Promise<void> {
  const source = request.query.text("fromSrc");
  if (request.query.has("fromImage")) {
    throw unsupported("ImageCreate from a registry (pull) is not implemented by Escale yet");
  }
  if (source === "") throw invalid("either fromImage or fromSrc is needed to create an image");
  if (source !== "-") throw unsupported("ImageCreate from a URL is not implemented by Escale yet");
  const id = await images.importArchive(request.exchange.body, importOptions(request));
  const stream = openStream(request, "application/json");
  await stream.write(encodeProgress({ status: id }));
  stream.end();
}

async function save(images: Images, request: DockerRequest, names: readonly string[]): Promise<void> {
  const archive = await images.save(names);
  await sendArchive(request, openStream(request, "application/x-tar"), archive);
}

/** Images in and out as archives. `report` logs errors that are told inside a stream. */
export function imageTransferHandlers(deps: {
  readonly images: Images;
  readonly report: (error: unknown) => void;
}): Handlers {
  const { images, report } = deps;
  return {
    ImageLoad: (request) => load(images, report, request),
    ImageCreate: (request) => create(images, request),
    ImageGet: (request) => save(images, request, [param(request, "name")]),
    ImageGetAll: (request) => save(images, request, request.query.texts("names")),
  };
}
