import type { Socket } from "node:net";
import { conflict } from "../../base/errors.ts";
import type { LogChunk } from "../logs/index.ts";
import { readLogs } from "../logs/index.ts";
import type { AttachedClient, Attaching, AttachOptions } from "./containers.ts";
import type { ContainersDeps } from "./deps.ts";
import { DetachKeyScanner, parseDetachKeys } from "./detach-keys.ts";
import { keepsLog } from "./logs.ts";
import { pathsOf } from "./paths.ts";
import { isRunning } from "./record.ts";
import type { Container, ContainerTable } from "./table.ts";

/** conmon's mark of a packet of standard error; every other packet is standard output. */
const stderrPacket = 3;

/** How the streams of one process and one client are joined. */
export interface CarryOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  /** Empty for none. */
  readonly detachKeys: readonly number[];
  /** Whether the end of the client's input ends the process's. */
  readonly endsStdin: boolean;
}

/**
 * Carries bytes between a process's attach socket and a client until the process ends, the client leaves or types the
 * detach keys; tells which. A client that reads slowly slows the process down, as with Docker: nothing is buffered
 * beyond the two sockets' own buffers.
 */
export function carry(
  socket: Socket,
  client: AttachedClient,
  options: CarryOptions,
): Promise<"ended" | "left" | "detached"> {
  const { stream } = client;
  return new Promise((resolve) => {
    let isOver = false;
    const finish = (how: "ended" | "left" | "detached"): void => {
      if (isOver) return;
      isOver = true;
      socket.off("data", onOutput);
      // conmon takes the end of any connection for the end of standard input: who never had it only stops listening.
      if (how === "ended" || options.stdin || options.tty) socket.destroy();
      else socket.resume();
      stream.off("data", onInput);
      resolve(how);
    };
    const onOutput = (packet: Buffer): void => {
      const name = packet[0] === stderrPacket ? "stderr" : "stdout";
      if (!options[name] || stream.writableEnded) return;
      if (!stream.write(client.frame(name, packet.subarray(1)))) {
        socket.pause();
        stream.once("drain", () => socket.resume());
      }
    };
    const scanner = options.tty && options.detachKeys.length > 0 ? new DetachKeyScanner(options.detachKeys) : undefined;
    const onInput = (data: Buffer): void => {
      const { input, isDetached } = scanner?.scan(data) ?? { input: data, isDetached: false };
      if (input.length > 0 && !socket.write(input)) {
        stream.pause();
        socket.once("drain", () => stream.resume());
      }
      if (isDetached) finish("detached");
    };
    socket.on("data", onOutput);
    // A process without output may have ended before anybody listened.
    if (socket.readableEnded || socket.destroyed) finish("ended");
    socket.once("end", () => finish("ended"));
    socket.once("error", () => finish("ended"));
    socket.once("close", () => finish("ended"));
    stream.once("error", () => finish("left"));
    stream.once("close", () => finish("left"));
    if (options.stdin) {
      stream.on("data", onInput);
      stream.once("end", () => {
        if (options.endsStdin && !isOver) socket.end();
      });
    } else {
      // Reading finds out that the client has gone.
      stream.resume();
    }
  });
}

async function replay(chunks: AsyncIterable<LogChunk>, client: AttachedClient, options: AttachOptions): Promise<void> {
  for await (const chunk of chunks) {
    if (!options[chunk.stream]) continue;
    if (!client.stream.write(client.frame(chunk.stream, chunk.data))) {
      await new Promise<void>((resolve) => {
        client.stream.once("drain", resolve);
        client.stream.once("close", resolve);
      });
    }
    if (client.stream.destroyed) return;
  }
}

/** What is replayed of the log before an attach goes on with what comes. */
function wholeLog(deps: ContainersDeps, container: Container, options: AttachOptions): AsyncIterable<LogChunk> {
  return readLogs(pathsOf(deps.instance, container.id).log, {
    stdout: options.stdout,
    stderr: options.stderr,
    follow: false,
    tail: -1,
    since: 0n,
    until: 0n,
    timestamps: false,
  });
}

/**
 * Prepares a client's connection to a container's standard streams. One that does not run yet is connected when it
 * starts, before its first byte. Source: ContainerAttach. Errors: not-found, conflict (paused), invalid (keys).
 */
export async function attach(
  deps: ContainersDeps,
  table: ContainerTable,
  id: string,
  options: AttachOptions,
): Promise<Attaching> {
  const container = table.resolve(id);
  const { config, state } = container.record;
  if (state.status === "paused") {
    throw conflict(`container ${id} is paused, unpause the container before attach`);
  }
  if (state.status === "restarting") {
    throw conflict(`container ${id} is restarting, wait until the container is running`);
  }
  const detachKeys = parseDetachKeys(options.detachKeys);
  const isBeforeStart = !isRunning(state);
  let isCancelled = false;
  const socket = Promise.withResolvers<Socket | undefined>();
  const pending = { connected: socket.resolve, cancelled: () => socket.resolve(undefined) };
  if (!options.stream) socket.resolve(undefined);
  else if (isBeforeStart) container.pendingAttachments.add(pending);
  else {
    const { bundle } = pathsOf(deps.instance, container.id);
    socket.resolve((await deps.runtime.attach(container.id, bundle)).socket);
  }
  table.emit(container, "attach");
  const cancel = (): void => {
    isCancelled = true;
    container.pendingAttachments.delete(pending);
    pending.cancelled();
  };
  return {
    tty: config.Tty,
    cancel,
    run: async (client) => {
      client.stream.once("close", () => {
        if (container.pendingAttachments.has(pending)) cancel();
      });
      if (options.logs && keepsLog(container)) await replay(wholeLog(deps, container, options), client, options);
      const connected = await socket.promise;
      if (connected !== undefined && !isCancelled) {
        const how = await carry(connected, client, {
          stdin: options.stdin && config.OpenStdin,
          stdout: options.stdout,
          stderr: options.stderr,
          tty: config.Tty,
          detachKeys,
          endsStdin: config.StdinOnce && !config.Tty,
        });
        if (how === "detached") table.emit(container, "detach");
      }
    },
  };
}
