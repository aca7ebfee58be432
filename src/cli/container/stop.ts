/** `container stop`. */
import { stopContainer } from "../../client/index.ts";
import { type AnyCommand, defineCommand, forEachName } from "../command.ts";
import { stopFlags, stopOptions } from "./stop-flags.ts";

/** `container stop`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  aliases: ["container stop", "stop"],
  flags: stopFlags,
  args: { min: 1 },
  examples: ["stop web", "stop -t 30 web db"],
  run: async (cli, { flags, given, args }) => {
    const options = stopOptions(flags, given);
    await forEachName(cli, args, (client, name) => stopContainer(client, name, options));
    return 0;
  },
});
