/** `container diff`. */
import { containerChanges } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";

const letters = ["C", "A", "D"] as const;

/** `container diff`. */
export const command: AnyCommand = defineCommand({
  usage: "CONTAINER",
  aliases: ["container diff", "diff"],
  flags: {},
  args: { min: 1, max: 1 },
  examples: ["diff web"],
  run: async (cli, { args }) => {
    const changes = await containerChanges(await cli.client(), args[0] ?? "");
    cli.streams.out.write(changes.map(({ Kind, Path }) => `${letters[Kind]} ${Path}\n`).join(""));
    return 0;
  },
});
