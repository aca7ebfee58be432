import type { Attaching, Containers } from "../../engine/containers/index.ts";
import { statusLine } from "./answers.ts";
import { describeError } from "./errors.ts";
import { type DockerRequest, type Handler, param } from "./request.ts";
import { attachedClient, finishStream, takeOverForStreams } from "./streams.ts";

function begin(containers: Containers, request: DockerRequest): Promise<Attaching> {
  const { query } = request;
  return containers.attach(param(request, "id"), {
    stdin: query.flag("stdin"),
    stdout: query.flag("stdout"),
    stderr: query.flag("stderr"),
    logs: query.flag("logs"),
    stream: query.flag("stream"),
    detachKeys: query.text("detachKeys"),
  });
}

/** Errors of an attach are no documents: Docker has taken the connection over already when it finds them. */
function refuse(request: DockerRequest, error: unknown): void {
  const { status, message } = describeError(error);
  const head = `${statusLine(status)}\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n`;
  const stream = request.exchange.takeOver(head);
  stream.write(`${message}\r\n`);
  finishStream(stream);
}

/** `POST /containers/{id}/attach`. */
export function attachHandler(containers: Containers, report: (error: unknown) => void): Handler {
  return async (request) => {
    let attaching: Attaching;
    request.exchange.prepareTakeOver();
    try {
      attaching = await begin(containers, request);
    } catch (error) {
      report(error);
      refuse(request, error);
      return;
    }
    const stream = takeOverForStreams(request, attaching.tty);
    try {
      await attaching.run(attachedClient(stream, attaching.tty));
    } catch (error) {
      report(error);
    } finally {
      finishStream(stream);
    }
  };
}
