/** `container attach`. */
import { attachContainer, type Client, inspectContainer, resizeContainer, waitContainer } from "../../client/index.ts";
import type { ContainerInspect } from "../../wire/docker/containers.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { joinStreams } from "../terminal/attachment.ts";
import { followSize } from "../terminal/resize.ts";
import { checkTerminal, proxySignals } from "./run.ts";

async function inspectRunning(client: Client, name: string): Promise<ContainerInspect> {
  const container = await inspectContainer(client, name);
  const { Running, Paused, Restarting } = container.State;
  if (!Running) throw new CommandFailure(1, "You cannot attach to a stopped container, start it first");
  if (Paused) throw new CommandFailure(1, "You cannot attach to a paused container, unpause it first");
  if (Restarting) throw new CommandFailure(1, "You cannot attach to a restarting container, wait until it is running");
  return container;
}

/** `container attach`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER",
  aliases: ["container attach", "attach"],
  flags: {
    detachKeys: stringFlag("Override the key sequence for detaching a container"),
    noStdin: boolFlag("Do not attach STDIN"),
    sigProxy: boolFlag("Proxy all received signals to the process", { initial: true }),
  },
  args: { min: 1, max: 1 },
  examples: ["attach shell", "attach --no-stdin web"],
  run: async (cli, { flags, args }) => {
    const [name = ""] = args;
    const client = await cli.client();
    const waiting = waitContainer(client, name, undefined);
    waiting.catch(() => undefined);
    const { Config: config } = await inspectRunning(client, name);
    const { Tty: tty, OpenStdin } = config;
    checkTerminal(cli, !flags.noStdin, tty);
    const detachKeys = flags.detachKeys || cli.config.detachKeys || "";
    const options = { stdin: !flags.noStdin && OpenStdin, stdout: true, stderr: true, detachKeys };
    const stopProxy = flags.sigProxy && !tty ? proxySignals(client, name) : undefined;
    let stopFollowing: (() => void) | undefined;
    try {
      const connection = await attachContainer(client, name, options);
      // It may have stopped between the first look and the attachment, which would then wait for ever.
      await inspectRunning(client, name);
      if (tty && cli.streams.out.isTerminal) {
        const send = (rows: number, columns: number) => resizeContainer(client, name, rows, columns);
        const { rows, columns } = cli.streams.out.size();
        // A change of size makes programs draw anew; without one a second attachment would see an empty screen.
        await send(rows + 1, columns + 1).catch(() => undefined);
        stopFollowing = followSize(cli.streams.out, send);
      }
      const end = await joinStreams(cli.streams, connection, { ...options, tty });
      if (end === "detached") throw new CommandFailure(1, "read escape sequence");
      const { StatusCode, Error: failure } = await (await waiting).result;
      if (failure?.Message) throw new CommandFailure(1, failure.Message);
      return StatusCode;
    } finally {
      stopFollowing?.();
      stopProxy?.();
    }
  },
});
