/** `container exec`. */
import { attachExec, createExec, inspectContainer, inspectExec, resizeExec, startExec } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, listFlag, stringFlag } from "../flags/flag.ts";
import { joinStreams } from "../terminal/attachment.ts";
import { followSize } from "../terminal/resize.ts";
import { departure } from "../terminal/signals.ts";
import { checkTerminal } from "./run.ts";
import { checkVariable, execVariables } from "./spec/environment.ts";

/** `container exec`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
  aliases: ["container exec", "exec"],
  flags: {
    detach: boolFlag("Detached mode: run command in the background", { short: "d" }),
    detachKeys: stringFlag("Override the key sequence for detaching a container"),
    env: listFlag("Set environment variables", { short: "e", check: checkVariable }),
    envFile: listFlag("Read in a file of environment variables"),
    interactive: boolFlag("Keep STDIN open even if not attached", { short: "i" }),
    privileged: boolFlag("Give extended privileges to the command"),
    tty: boolFlag("Allocate a pseudo-TTY", { short: "t" }),
    user: stringFlag('Username or UID (format: "<name|uid>[:<group|gid>]")', { short: "u" }),
    workdir: stringFlag("Working directory inside the container", { short: "w" }),
  },
  args: { min: 2 },
  isInterspersed: false,
  examples: ["exec -it web sh", "exec -e LEVEL=debug -w /tmp web env"],
  run: async (cli, { flags, args }) => {
    const [name = "", ...words] = args;
    const variables = await execVariables(flags.envFile, flags.env, cli.env);
    const client = await cli.client();
    // A container that is not there is reported before a terminal that is not there.
    await inspectContainer(client, name);
    const stdin = flags.interactive && !flags.detach;
    if (!flags.detach) checkTerminal(cli, stdin, flags.tty);
    const { rows, columns } = cli.streams.out.size();
    const size: [number, number] | undefined = flags.tty ? [rows, columns] : undefined;
    const detachKeys = flags.detachKeys || cli.config.detachKeys || "";
    const { Id: id } = await createExec(client, name, {
      User: flags.user,
      Privileged: flags.privileged,
      Tty: flags.tty,
      ...(size !== undefined && { ConsoleSize: size }),
      AttachStdin: stdin,
      AttachStderr: !flags.detach,
      AttachStdout: !flags.detach,
      DetachKeys: detachKeys,
      Env: variables.length === 0 ? null : variables,
      WorkingDir: flags.workdir,
      Cmd: words,
    });
    const start = { Detach: flags.detach, Tty: flags.tty, ...(size !== undefined && { ConsoleSize: size }) };
    if (flags.detach) {
      await startExec(client, id, start);
      return 0;
    }
    const connection = await attachExec(client, id, start);
    const send = (height: number, width: number) => resizeExec(client, id, height, width);
    const stopFollowing = flags.tty && cli.streams.in.isTerminal ? followSize(cli.streams.out, send) : undefined;
    const { requested, stop } = departure();
    try {
      const options = { stdin, stdout: true, stderr: true, tty: flags.tty, detachKeys };
      const end = await Promise.race([joinStreams(cli.streams, connection, options), requested]);
      if (end === undefined) return 0;
      if (end === "detached") throw new CommandFailure(1, "read escape sequence");
    } finally {
      stop();
      stopFollowing?.();
    }
    return (await inspectExec(client, id)).ExitCode ?? 0;
  },
});
