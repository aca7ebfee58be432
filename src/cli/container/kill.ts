/** `container kill`. */
import { killContainer } from "../../client/index.ts";
import { type AnyCommand, defineCommand, forEachName } from "../command.ts";
import { stringFlag } from "../flags/flag.ts";

/** `container kill`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  aliases: ["container kill", "kill"],
  flags: { signal: stringFlag("Signal to send to the container", { short: "s" }) },
  args: { min: 1 },
  examples: ["kill web", "kill -s HUP web"],
  run: async (cli, { flags, args }) => {
    await forEachName(cli, args, (client, name) => killContainer(client, name, flags.signal));
    return 0;
  },
});
