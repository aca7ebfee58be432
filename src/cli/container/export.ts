/** `container export`. */
import { exportContainer } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { stringFlag } from "../flags/flag.ts";
import { checkTarget, writeWhole } from "../format/whole-file.ts";

/** `container export`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER",
  aliases: ["container export", "export"],
  flags: { output: stringFlag("Write to a file, instead of STDOUT", { short: "o" }) },
  args: { min: 1, max: 1 },
  examples: ["export -o web.tar web", "export web | tar t"],
  run: async (cli, { flags, args }) => {
    const { out } = cli.streams;
    if (flags.output === "" && out.isTerminal) {
      throw new CommandFailure(1, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    }
    if (flags.output !== "") await checkTarget(flags.output, "failed to export container");
    const { body } = await exportContainer(await cli.client(), args[0] ?? "");
    if (flags.output === "") for await (const piece of body) out.write(piece);
    else await writeWhole(flags.output, body);
    return 0;
  },
});
