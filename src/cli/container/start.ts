/** `container start`. */
import { messageOf } from "../../base/errors.ts";
import {
  attachContainer,
  inspectContainer,
  resizeContainer,
  startContainer,
  waitContainer,
} from "../../client/index.ts";
import { type AnyCommand, type Cli, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { joinStreams } from "../terminal/attachment.ts";
import { followSize } from "../terminal/resize.ts";
import { departure } from "../terminal/signals.ts";
import { exitCodeOf, proxySignals } from "./run.ts";

async function startAll(cli: Cli, names: readonly string[]): Promise<number> {
  const client = await cli.client();
  const failed: string[] = [];
  for (const name of names) {
    try {
      await startContainer(client, name);
      cli.streams.out.write(`${name}\n`);
    } catch (error) {
      cli.streams.err.write(`${messageOf(error)}\n`);
      failed.push(name);
    }
  }
  if (failed.length > 0) throw new CommandFailure(1, `Error: failed to start containers: ${failed.join(", ")}`);
  return 0;
}

async function startAttached(cli: Cli, name: string, wantsInput: boolean, keys: string): Promise<number> {
  const client = await cli.client();
  const { Id: id, Config: config, HostConfig: hostConfig } = await inspectContainer(client, name);
  const { Tty: tty, OpenStdin } = config;
  const detachKeys = keys || cli.config.detachKeys || "";
  const stdin = wantsInput && OpenStdin;
  const stopProxy = tty ? undefined : proxySignals(client, id);
  const { requested, stop } = departure();
  try {
    const options = { stdin, stdout: true, stderr: true, detachKeys };
    const connection = await attachContainer(client, id, options);
    const { result } = await waitContainer(client, id, hostConfig.AutoRemove ? "removed" : "next-exit");
    const gone = new AbortController();
    const streams = joinStreams(cli.streams, connection, { ...options, tty, signal: gone.signal });
    streams.catch(() => undefined);
    try {
      await startContainer(client, id);
    } catch (error) {
      gone.abort();
      await streams.catch(() => undefined);
      if (hostConfig.AutoRemove) await result.catch(() => undefined);
      throw error;
    }
    const send = (rows: number, columns: number) => resizeContainer(client, id, rows, columns);
    const stopFollowing = tty && cli.streams.out.isTerminal ? followSize(cli.streams.out, send) : undefined;
    const end = await Promise.race([streams, requested]).finally(() => stopFollowing?.());
    return end === "ended" ? await exitCodeOf(cli, result) : 0;
  } finally {
    stop();
    stopProxy?.();
  }
}

/** `container start`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  aliases: ["container start", "start"],
  flags: {
    attach: boolFlag("Attach STDOUT/STDERR and forward signals", { short: "a" }),
    detachKeys: stringFlag("Override the key sequence for detaching a container"),
    interactive: boolFlag("Attach container's STDIN", { short: "i" }),
  },
  args: { min: 1 },
  examples: ["start web", "start -ai shell"],
  run: async (cli, { flags, args }) => {
    if (!flags.attach && !flags.interactive) return startAll(cli, args);
    if (args.length > 1) throw new CommandFailure(1, "you cannot start and attach multiple containers at once");
    return startAttached(cli, args[0] ?? "", flags.interactive, flags.detachKeys);
  },
});
