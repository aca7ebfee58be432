/** `container wait`. */
import { messageOf } from "../../base/errors.ts";
import { waitContainer } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";

/** `container wait`. */
export const command: AnyCommand = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  aliases: ["container wait", "wait"],
  flags: {},
  args: { min: 1 },
  examples: ["wait job", "wait job1 job2"],
  run: async (cli, { args }) => {
    const client = await cli.client();
    const failures: string[] = [];
    for (const name of args) {
      try {
        const { StatusCode } = await (await waitContainer(client, name, undefined)).result;
        cli.streams.out.write(`${StatusCode}\n`);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    if (failures.length > 0) throw new CommandFailure(1, failures.join("\n"));
    return 0;
  },
});
