/** `container pause`. */
import { pauseContainer } from "../../client/index.ts";
import { type AnyCommand, defineCommand, forEachName } from "../command.ts";

/** `container pause`. */
export const command: AnyCommand = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  aliases: ["container pause", "pause"],
  flags: {},
  args: { min: 1 },
  examples: ["pause web"],
  run: async (cli, { args }) => {
    await forEachName(cli, args, pauseContainer);
    return 0;
  },
});
