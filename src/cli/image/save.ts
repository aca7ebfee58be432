/** `image save`. */
import { saveImages } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { stringFlag } from "../flags/flag.ts";
import { checkTarget, writeWhole } from "../format/whole-file.ts";
import { platformQuery } from "./platform.ts";

/** `image save`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  aliases: ["image save", "save"],
  flags: {
    output: stringFlag("Write to a file, instead of STDOUT", { short: "o" }),
    platform: stringFlag(
      'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  args: { min: 1 },
  examples: ["save -o app.tar app:1.2", "save app:1.2 | gzip > app.tar.gz"],
  run: async (cli, { flags, args }) => {
    const { out } = cli.streams;
    if (flags.output === "" && out.isTerminal) {
      throw new CommandFailure(1, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    }
    if (flags.output !== "") await checkTarget(flags.output, "failed to save image");
    const { body } = await saveImages(await cli.client(), args, platformQuery(flags.platform));
    if (flags.output === "") for await (const piece of body) out.write(piece);
    else await writeWhole(flags.output, body);
    return 0;
  },
});
