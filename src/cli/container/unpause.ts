/** `container unpause`. */
import { unpauseContainer } from "../../client/index.ts";
import { type AnyCommand, defineCommand, forEachName } from "../command.ts";

/** `container unpause`. */
export const command: AnyCommand = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  aliases: ["container unpause", "unpause"],
  flags: {},
  args: { min: 1 },
  examples: ["unpause web"],
  run: async (cli, { args }) => {
    await forEachName(cli, args, unpauseContainer);
    return 0;
  },
});
