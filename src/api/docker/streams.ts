import type { Duplex } from "node:stream";
import type { AttachedClient } from "../../engine/containers/index.ts";
import { frame } from "../../wire/docker/frames.ts";
import type { DockerRequest } from "./request.ts";
import { isOlder } from "./version.ts";

const rawStream = "application/vnd.docker.raw-stream";
const multiplexedStream = "application/vnd.docker.multiplexed-stream";

/** How long a client may take to close its side after everything was sent. */
const lingerMs = 1000;

/** The content type of output: older clients are told that it is raw even where it is framed. */
export function streamType(request: DockerRequest, tty: boolean): string {
  return tty || isOlder(request.version, "1.42") ? rawStream : multiplexedStream;
}

/**
 * Takes the connection over for standard streams, in the way that the client asked for: by upgrade headers, or silently.
 * `headers` are further lines of the head, each ending in CRLF.
 */
export function takeOverForStreams(request: DockerRequest, tty: boolean, headers = ""): Duplex {
  const { exchange } = request;
  const head = exchange.isUpgrade
    ? `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${streamType(request, tty)}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n`
    : `HTTP/1.1 200 OK\r\nContent-Type: ${rawStream}\r\n`;
  return exchange.takeOver(`${head}${headers}\r\n`);
}

/** The client of an attach over a connection: framed unless there is a terminal. */
export function attachedClient(stream: Duplex, tty: boolean): AttachedClient {
  return { stream, frame: tty ? (_stream, data) => data : frame };
}

/** Sends what is left and closes, also when the client goes on sending or never closes its side. */
export function finishStream(stream: Duplex): void {
  if (stream.destroyed) return;
  stream.on("error", () => {});
  stream.resume();
  stream.end(() => {
    const patience = setTimeout(() => stream.destroy(), lingerMs);
    patience.unref();
    stream.once("close", () => clearTimeout(patience));
    if (stream.readableEnded) stream.destroy();
    else stream.once("end", () => stream.destroy());
  });
}
