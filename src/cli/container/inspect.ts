/** `container inspect`. */
import { inspectContainerText } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { boolFlag } from "../flags/flag.ts";
import { inspectAll, inspectFormatFlag } from "../format/inspect.ts";

/** `container inspect`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  flags: { format: inspectFormatFlag, size: boolFlag("Display total file sizes", { short: "s" }) },
  args: { min: 1 },
  examples: ["container inspect web", "container inspect -f '{{.State.Status}}' web"],
  run: async (cli, { flags, args }) => {
    const client = await cli.client();
    return inspectAll(cli, args, flags.format, async (name) => ({
      text: await inspectContainerText(client, name, flags.size),
      type: async () => (await import("./inspect-type.ts")).inspectType,
    }));
  },
});
