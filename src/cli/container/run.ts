/** `container run`: create, attach, wait, start, and the container's exit code. */
import { isKind, messageOf } from "../../base/errors.ts";
import {
  attachContainer,
  type Client,
  type Connection,
  killContainer,
  resizeContainer,
  startContainer,
  waitContainer,
} from "../../client/index.ts";
import { type AnyCommand, type Cli, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { type AttachmentEnd, joinStreams } from "../terminal/attachment.ts";
import { followSize } from "../terminal/resize.ts";
import { forwardSignals, terminationLimit } from "../terminal/signals.ts";
import { createContainer, requestOrFail, withAdvice } from "./create.ts";
import { createFlags } from "./spec/create-flags.ts";
import type { CreateRequest } from "./spec/create-request.ts";

/** The exit code for a container that could not be started, by the daemon's reason. */
export function startFailureCode(error: unknown): 125 | 126 | 127 {
  const text = messageOf(error).replace(/^Error response from daemon: /, "");
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(text))
    return 127;
  return /permission denied|is a directory/.test(text) ? 126 : 125;
}

/** Refuses to give a container a terminal when input is none. */
export function checkTerminal(cli: Cli, attachesInput: boolean, wantsTerminal: boolean): void {
  if (wantsTerminal && attachesInput && !cli.streams.in.isTerminal) {
    throw new CommandFailure(1, "the input device is not a TTY");
  }
}

/** Follows a container to its exit: the code, 125 when the daemon could not tell. */
export async function exitCodeOf(
  cli: Cli,
  result: Promise<{ StatusCode: number; Error?: { Message: string } }>,
): Promise<number> {
  try {
    const { StatusCode, Error: failure } = await result;
    if (failure?.Message) {
      cli.streams.err.write(`Error waiting for container: ${failure.Message}\n`);
      return 125;
    }
    return StatusCode;
  } catch (error) {
    cli.streams.err.write(`error waiting for container: ${messageOf(error)}\n`);
    return 125;
  }
}

/** Passes this process's signals on to a container; a container that is gone is no failure. */
export function proxySignals(client: Client, id: string): () => void {
  return forwardSignals((signal) => {
    killContainer(client, id, signal).catch(() => undefined);
  });
}

interface RunFlags {
  readonly detach: boolean;
  readonly rm: boolean;
  readonly sigProxy: boolean;
  readonly detachKeys: string;
}

function detachFrom(request: CreateRequest): void {
  request.AttachStdin = false;
  request.AttachStdout = false;
  request.AttachStderr = false;
  request.StdinOnce = false;
}

/** Starts a created container and stays with it as far as asked. Gives the exit code. */
async function follow(cli: Cli, client: Client, id: string, request: CreateRequest, flags: RunFlags): Promise<number> {
  const { AttachStdin: stdin, AttachStdout: stdout, AttachStderr: stderr, Tty: tty } = request;
  const detachKeys = flags.detachKeys || cli.config.detachKeys || "";
  const isAttached = stdin || stdout || stderr;
  if (!isAttached) cli.streams.out.write(`${id}\n`);
  let connection: Connection | undefined;
  if (isAttached) connection = await attachContainer(client, id, { stdin, stdout, stderr, detachKeys });
  // Asked for before the start, so that an exit right after it is not missed.
  const { result } = await waitContainer(client, id, flags.rm ? "removed" : "next-exit");
  const gone = new AbortController();
  const streams =
    connection === undefined
      ? undefined
      : joinStreams(cli.streams, connection, { stdin, stdout, stderr, tty, detachKeys, signal: gone.signal });
  streams?.catch(() => undefined);
  try {
    await startContainer(client, id);
  } catch (error) {
    gone.abort();
    await streams?.catch(() => undefined);
    if (flags.rm) await result.catch(() => undefined);
    throw withAdvice("run", error, startFailureCode(error));
  }
  const send = (rows: number, columns: number) => resizeContainer(client, id, rows, columns);
  const stopFollowing = isAttached && tty && cli.streams.out.isTerminal ? followSize(cli.streams.out, send) : undefined;
  let end: AttachmentEnd | undefined;
  try {
    end = await streams;
  } finally {
    stopFollowing?.();
  }
  if (end === "detached" || (!stdout && !stderr)) return 0;
  return exitCodeOf(cli, result);
}

/** `container run`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  aliases: ["container run", "run"],
  flags: {
    ...createFlags,
    detach: boolFlag("Run container in background and print container ID", { short: "d" }),
    detachKeys: stringFlag("Override the key sequence for detaching a container"),
    pull: stringFlag('Pull image before running ("always", "missing", "never")', { initial: "missing" }),
    sigProxy: boolFlag("Proxy received signals to the process", { initial: true }),
  },
  args: { min: 1 },
  isInterspersed: false,
  examples: [
    "run --rm busybox echo hello",
    "run -it --rm debian:12 bash",
    "run -d --name web -p 127.0.0.1:8080:80 nginx",
  ],
  run: async (cli, { flags, given, args }) => {
    const request = await requestOrFail("run", cli, flags, given, args);
    if (flags.detach) {
      if (flags.attach.length > 0)
        throw new CommandFailure(1, "conflicting options: cannot specify both --attach and --detach");
      detachFrom(request);
    } else {
      checkTerminal(cli, request.AttachStdin, request.Tty);
    }
    const id = await createContainer(cli, flags, request).catch((error: unknown) => {
      throw withAdvice("run", error, isKind(error, "not-found") ? 125 : startFailureCode(error));
    });
    const client = await cli.client();
    const stopProxy = flags.sigProxy ? proxySignals(client, id) : undefined;
    const limit = terminationLimit();
    try {
      return await Promise.race([follow(cli, client, id, request, flags), limit.reached]);
    } finally {
      limit.stop();
      stopProxy?.();
    }
  },
});
