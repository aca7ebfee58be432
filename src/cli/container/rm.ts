/** `container rm`. */
import { isKind, messageOf } from "../../base/errors.ts";
import { removeContainer } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag } from "../flags/flag.ts";

/** `container rm`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  aliases: ["container rm", "container remove", "rm"],
  flags: {
    force: boolFlag("Force the removal of a running container (uses SIGKILL)", { short: "f" }),
    link: boolFlag("Remove the specified link", { short: "l" }),
    volumes: boolFlag("Remove anonymous volumes associated with the container", { short: "v" }),
  },
  args: { min: 1 },
  examples: ["rm web", "rm -f -v web db"],
  run: async (cli, { flags, args }) => {
    const client = await cli.client();
    const names = args.map((name) => name.replace(/^\/+|\/+$/g, ""));
    const results = await Promise.allSettled(
      names.map((name) => {
        if (name === "") throw new CommandFailure(1, "container name cannot be empty");
        return removeContainer(client, name, flags);
      }),
    );
    const failures: string[] = [];
    for (const [index, result] of results.entries()) {
      if (result.status === "fulfilled") cli.streams.out.write(`${names[index]}\n`);
      else if (flags.force && isKind(result.reason, "not-found"))
        cli.streams.err.write(`${messageOf(result.reason)}\n`);
      else failures.push(messageOf(result.reason));
    }
    if (failures.length > 0) throw new CommandFailure(1, failures.join("\n"));
    return 0;
  },
});
