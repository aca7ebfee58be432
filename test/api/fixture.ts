/**
 * A door of the Docker API on a socket of its own, over an engine that is only as large as tests of the door need:
 * streams, waiting and errors. What containers and images really do is tested with the whole daemon.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { openDockerDoor } from "../../src/api/docker/index.ts";
import { conflict, invalid, notFound } from "../../src/base/errors.ts";
import { openLogger } from "../../src/base/logger.ts";
import type { Attaching, Containers } from "../../src/engine/containers/index.ts";
import { type Events, openEvents } from "../../src/engine/events/index.ts";
import type { Images } from "../../src/engine/images/index.ts";
import type { Networks } from "../../src/engine/networks/index.ts";
import { openSystem } from "../../src/engine/system/index.ts";
import type { ContainerCreateRequest, ContainerWaitResponse } from "../../src/wire/docker/containers.ts";

/** What a test sees of the engine behind the door. */
export interface SmallEngine {
  readonly events: Events;
  /** Bodies of creations, as the door passed them on. */
  readonly created: ContainerCreateRequest[];
  /** Ends the container that clients wait for. */
  exit(answer: ContainerWaitResponse): void;
  /** How many waits were abandoned by their clients. */
  abandonedWaits(): number;
  /** How many pieces of the endless log were taken. */
  logPieces(): number;
  /** What was loaded as an image, in bytes. */
  loadedBytes(): number;
}

/** A door that listens, its engine, and its log's lines. */
export interface OpenDoor extends AsyncDisposable {
  readonly path: string;
  readonly engine: SmallEngine;
  readonly logLines: string[];
}

/** Echoes what the client sends on stdout, a note at the end of its input on stderr, then ends. */
function echo(tty: boolean): Attaching {
  return {
    tty,
    cancel: () => {},
    run: async ({ stream, frame }) => {
      stream.write(frame("stdout", Buffer.from("ready\n")));
      stream.on("error", () => {});
      try {
        for await (const data of stream.iterator({ destroyOnReturn: false })) {
          stream.write(frame("stdout", data as Buffer));
          if ((data as Buffer).includes("quit")) return;
        }
        stream.write(frame("stderr", Buffer.from("eof\n")));
      } catch {
        // The client left.
      }
    },
  };
}

function find(id: string): void {
  if (id !== "c1" && id !== "tty" && id !== "endless") throw notFound(`No such container: ${id}`);
}

function smallContainers(events: Events): { containers: Containers; engine: SmallEngine } {
  const created: ContainerCreateRequest[] = [];
  let waiting: ((answer: ContainerWaitResponse) => void)[] = [];
  let abandoned = 0;
  let pieces = 0;
  let loaded = 0;
  const used = new Set<string>();

  const containers: Partial<Containers> = {
    create: async (request) => {
      created.push(request);
      return { Id: "f".repeat(64), Warnings: [] };
    },
    start: async (id) => find(id),
    inspect: async (id) => {
      if (id === "bug") throw new TypeError("secret detail of a bug");
      find(id);
      const Config = { Tty: id === "tty", OpenStdin: true, AttachStdin: true };
      return { Id: id, Name: "/<a&b>\u2028", State: { Running: true }, Config, HostConfig: {} } as never;
    },
    list: async () => [],
    stats: async (id) => {
      find(id);
      return {} as never;
    },
    statsStream: (id) => {
      find(id);
      return (async function* () {})();
    },
    update: async (id) => {
      find(id);
      return { Warnings: null };
    },
    prune: async () => ({ ContainersDeleted: null, SpaceReclaimed: 0 }),
    kill: async (id) => {
      find(id);
      throw conflict(`container ${id} is not running`);
    },
    wait: async (id, _condition, signal) => {
      find(id);
      signal.addEventListener("abort", () => {
        abandoned += 1;
      });
      const result = new Promise<ContainerWaitResponse>((resolve, reject) => {
        waiting.push(resolve);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
      return { result };
    },
    attach: async (id, options) => {
      if (options.detachKeys === "zz") throw invalid("Invalid detach keys (zz) provided");
      find(id);
      return echo(id === "tty");
    },
    logs: async (id, options) => {
      find(id);
      async function* chunks(): AsyncGenerator<{ stream: "stdout" | "stderr"; data: Buffer }> {
        yield { stream: "stderr", data: Buffer.from("err\n") };
        yield { stream: "stdout", data: Buffer.from("one\ntwo\n") };
        while (id === "endless" && options.signal?.aborted !== true) {
          pieces += 1;
          yield { stream: "stdout", data: Buffer.alloc(64 * 1024, "x") };
        }
      }
      return { tty: id === "tty", chunks: chunks() };
    },
    createExec: async (id) => {
      find(id);
      return "e1";
    },
    inspectExec: (id) => {
      if (id !== "e1" && id !== "broken") throw notFound(`No such exec instance: ${id}`);
      return { ID: id, ExitCode: 7 } as never;
    },
    startExecDetached: async (id) => {
      if (used.has(id)) throw conflict(`exec command ${id} has already run`);
      used.add(id);
    },
    startExec: async (id) => {
      if (id === "broken") throw invalid("OCI runtime exec failed");
      return echo(false);
    },
  };
  const engine: SmallEngine = {
    events,
    created,
    exit: (answer) => {
      for (const resolve of waiting) resolve(answer);
      waiting = [];
    },
    abandonedWaits: () => abandoned,
    logPieces: () => pieces,
    loadedBytes: () => loaded,
  };
  const images: Partial<Images> = {
    load: async function* (archive) {
      for await (const piece of archive as AsyncIterable<Buffer>) loaded += piece.length;
      yield { stream: "Loaded image: a:1\n" };
      throw invalid("unexpected EOF");
    },
    save: async (names) => {
      if (names[0] !== "a:1") throw notFound(`No such image: ${names[0]}`);
      if (names.length === 1) return Readable.from([Buffer.from("whole")]);
      const broken = new PassThrough();
      broken.write("half");
      setTimeout(() => broken.destroy(new Error("disk")), 20);
      return broken;
    },
    inspect: async (name) => {
      throw notFound(`No such image: ${name}`);
    },
    prune: async () => ({ ImagesDeleted: null, SpaceReclaimed: 0 }),
    list: async () => [],
  };
  return { containers: containers as Containers, engine: Object.assign(engine, { images }) };
}

/** Opens a door; disposing it removes its folder. */
export async function openDoor(): Promise<OpenDoor> {
  const folder = await mkdtemp(join(tmpdir(), "escale-door-"));
  const path = join(folder, "door.sock");
  const logLines: string[] = [];
  const events = openEvents();
  const { containers, engine } = smallContainers(events);
  const system = await openSystem({
    dataRoot: folder,
    version: "0.1.0",
    labels: [],
    isDebug: false,
    loggingDriver: "json-file",
    drivers: { volume: [], network: ["bridge", "host", "null"], log: ["json-file", "none"] },
    runtime: { name: "crun", path: "crun" },
    monitor: { name: "conmon", path: "conmon" },
    registryMirrors: [],
    insecureRegistries: [],
    proxy: { http: "", https: "", no: "" },
    containerStates: async () => ["running", "exited", "paused"],
    imageCount: async () => 2,
    space: { images: async () => [], containers: async () => [], layersSize: () => 0 },
  });
  const bridge = { Name: "bridge", Id: "ab12", Scope: "local", Driver: "bridge", Labels: {}, Containers: {} };
  const networks = {
    list: () => [bridge],
    inspect: (id: string) => {
      if (id !== "bridge") throw notFound(`network ${id} not found`);
      return bridge;
    },
  } as unknown as Networks;
  const images = (engine as SmallEngine & { images: Images }).images;
  const log = openLogger("debug", (line) => logLines.push(line));
  const deps = { containers, images, networks, events, system, log };
  const door = await openDockerDoor(deps, [{ kind: "unix", path }]);
  return {
    path,
    engine,
    logLines,
    [Symbol.asyncDispose]: async () => {
      await door[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A bare connection that remembers what it got. */
export interface RawClient {
  readonly socket: Socket;
  text(): string;
  /** Waits until what came contains `part`. */
  until(part: string): Promise<string>;
  /** Waits until the other side ended. */
  untilEnd(): Promise<string>;
}

/** Connects and sends `request` byte for byte. */
export function rawClient(path: string, request = ""): RawClient {
  const socket = connect({ path, allowHalfOpen: true });
  let got = "";
  let hasEnded = false;
  socket.setEncoding("latin1");
  socket.on("data", (data) => {
    got += String(data);
  });
  for (const event of ["end", "close"]) {
    socket.on(event, () => {
      hasEnded = true;
    });
  }
  socket.on("error", () => {});
  if (request !== "") socket.write(request);
  const reach = async (isThere: () => boolean, what: string): Promise<string> => {
    for (let waited = 0; waited < 3000; waited += 5) {
      if (isThere()) return got;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    socket.destroy();
    throw new Error(`waited in vain for ${what}; got ${JSON.stringify(got)}`);
  };
  return {
    socket,
    text: () => got,
    until: (part) => reach(() => got.includes(part), JSON.stringify(part)),
    untilEnd: () => reach(() => hasEnded, "the end"),
  };
}

/** An answer taken apart. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends one request on a connection of its own and reads the answer to its end. */
export async function ask(
  path: string,
  method: string,
  target: string,
  options: { headers?: Readonly<Record<string, string>>; body?: string } = {},
): Promise<Answer> {
  const { body } = options;
  const headers = {
    Host: "d",
    Connection: "close",
    ...(body !== undefined && {
      "Content-Type": "application/json",
      "Content-Length": String(Buffer.byteLength(body)),
    }),
    ...options.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const client = rawClient(path, `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`);
  const text = await client.untilEnd();
  client.socket.destroy();
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...headerLines] = text.slice(0, end).split("\r\n");
  const split = (line: string): [string, string] => [
    line.slice(0, line.indexOf(":")),
    line.slice(line.indexOf(":") + 2),
  ];
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(headerLines.map(split)),
    body: text.slice(end + 4),
  };
}
