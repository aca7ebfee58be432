/** `container restart`. */

import { messageOf } from "../../base/errors.ts";
import { restartContainer } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { stopFlags, stopOptions } from "./stop-flags.ts";

/** `container restart`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  aliases: ["container restart", "restart"],
  flags: stopFlags,
  args: { min: 1 },
  examples: ["restart web", "restart -t 5 web"],
  run: async (cli, { flags, given, args }) => {
    const options = stopOptions(flags, given);
    const client = await cli.client();
    const failures: string[] = [];
    for (const name of args) {
      try {
        await restartContainer(client, name, options);
        cli.streams.out.write(`${name}\n`);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    if (failures.length > 0) throw new CommandFailure(1, failures.join("\n"));
    return 0;
  },
});
