/** `container top`. */
import { topContainer } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { alignTabs } from "../format/table.ts";

/** `container top`. */
export const command: AnyCommand = defineCommand({
  usage: "CONTAINER [ps OPTIONS]",
  aliases: ["container top", "top"],
  flags: {},
  args: { min: 1 },
  isInterspersed: false,
  examples: ["top web", "top web -o pid,comm"],
  run: async (cli, { args }) => {
    const [name = "", ...psArguments] = args;
    const { Titles, Processes } = await topContainer(await cli.client(), name, psArguments);
    const rows = [Titles, ...(Processes ?? [])].map((row) => `${row.join("\t")}\n`);
    cli.streams.out.write(alignTabs(rows.join(""), { minWidth: 20, padding: 3 }));
    return 0;
  },
});
