/** `container rename`. */
import { messageOf } from "../../base/errors.ts";
import { renameContainer } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";

/** `container rename`. */
export const command: AnyCommand = defineCommand({
  usage: "CONTAINER NEW_NAME",
  aliases: ["container rename", "rename"],
  flags: {},
  args: { min: 2, max: 2 },
  examples: ["rename web web-old"],
  run: async (cli, { args }) => {
    const [name = "", newName = ""] = args.map((text) => text.trim());
    if (name === "" || newName === "") throw new CommandFailure(1, "Error: Neither old nor new names may be empty");
    try {
      await renameContainer(await cli.client(), name, newName);
    } catch (error) {
      cli.streams.err.write(`${messageOf(error)}\n`);
      throw new CommandFailure(1, `Error: failed to rename container named ${name}`);
    }
    return 0;
  },
});
