import { invalid } from "../../base/errors.ts";
import type { Containers } from "../../engine/containers/index.ts";
import type { ExecCreateRequest, ExecStartRequest } from "../../wire/docker/containers.ts";
import { answerEmpty, answerJson, commonHeaders } from "./answers.ts";
import { execCreateShape, execStartShape } from "./container-shapes.ts";
import { terminalSize } from "./containers.ts";
import { describeError } from "./errors.ts";
import { readJson } from "./json-body.ts";
import { type DockerRequest, type Handlers, param } from "./request.ts";
import { attachedClient, finishStream, takeOverForStreams } from "./streams.ts";
import { isOlder } from "./version.ts";

function headerLines(headers: readonly string[]): string {
  let lines = "";
  for (let index = 0; index + 1 < headers.length; index += 2) lines += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return lines;
}

function sizeOf(request: DockerRequest, body: ExecStartRequest): { size?: { width: number; height: number } } {
  const [height, width] = body.ConsoleSize ?? [0, 0];
  const isGiven = body.Tty === true && (height > 0 || width > 0) && !isOlder(request.version, "1.42");
  return isGiven ? { size: { width, height } } : {};
}

/** More processes in running containers. `report` logs errors of streams that were opened. */
export function execHandlers(deps: {
  readonly containers: Containers;
  readonly report: (error: unknown) => void;
}): Handlers {
  const { containers } = deps;

  async function startAttached(request: DockerRequest, body: ExecStartRequest): Promise<void> {
    const id = param(request, "id");
    const tty = body.Tty === true;
    // Docker answers before it starts the process: how that fails is told on the stream.
    const stream = takeOverForStreams(request, tty, headerLines(commonHeaders));
    const client = attachedClient(stream, tty);
    try {
      const attaching = await containers.startExec(id, sizeOf(request, body));
      await attaching.run(client);
    } catch (error) {
      deps.report(error);
      stream.write(client.frame("stdout", Buffer.from(`${describeError(error).message}\r\n`)));
    } finally {
      finishStream(stream);
    }
  }

  return {
    ContainerExec: async (request) => {
      const body = await readJson(request.exchange, execCreateShape, "ExecOptions");
      const { Cmd, ConsoleSize, ...rest } = (body ?? {}) as ExecCreateRequest;
      if (Cmd === undefined || Cmd === null || Cmd.length === 0) throw invalid("No exec command specified");
      const hasSize = ConsoleSize !== undefined && !isOlder(request.version, "1.42");
      const wanted = { ...rest, Cmd, ...(hasSize && { ConsoleSize }) };
      answerJson(request, 201, { Id: await containers.createExec(param(request, "id"), wanted) });
    },
    ExecStart: async (request) => {
      const body = ((await readJson(request.exchange, execStartShape, "ExecStartOptions")) ?? {}) as ExecStartRequest;
      const id = param(request, "id");
      containers.inspectExec(id);
      if (body.Detach !== true) return startAttached(request, body);
      await containers.startExecDetached(id);
      return answerEmpty(request, 200);
    },
    ExecResize: async (request) => {
      await containers.resizeExec(param(request, "id"), terminalSize(request));
      answerEmpty(request, 200);
    },
    ExecInspect: (request) => answerJson(request, 200, containers.inspectExec(param(request, "id"))),
  };
}
