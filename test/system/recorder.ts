/** A daemon of straw: it says yes to everything that creating a container needs, and keeps the bodies it was sent. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What was asked of the recorder. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

/** A listening recorder. */
export interface Recorder extends AsyncDisposable {
  /** Its address as `DOCKER_HOST` takes it. */
  readonly host: string;
  /** What was asked since the last call, pings left out. */
  take(): Recorded[];
}

/** Starts a recorder on a socket of its own. */
export async function openRecorder(): Promise<Recorder> {
  const dir = await mkdtemp(join(tmpdir(), "escale-recorder-"));
  const held: Recorded[] = [];
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { method = "", url = "" } = request;
      response.setHeader("Api-Version", "1.51");
      response.setHeader("Ostype", "linux");
      response.setHeader("Docker-Experimental", "false");
      if (url.endsWith("/_ping")) return void response.end(method === "HEAD" ? undefined : "OK");
      const text = Buffer.concat(pieces).toString();
      held.push({ method, url, body: text === "" ? undefined : JSON.parse(text) });
      if (url.includes("/containers/create")) {
        response.writeHead(201, { "Content-Type": "application/json" });
        return void response.end(JSON.stringify({ Id: "f".repeat(64), Warnings: [] }));
      }
      if (url.includes("/wait")) {
        response.writeHead(200, { "Content-Type": "application/json" });
        return void response.flushHeaders();
      }
      response.writeHead(204).end();
    });
  });
  const path = join(dir, "recorder.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    take: () => held.splice(0),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
