/** `image inspect`. */
import { inspectImageText } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { stringFlag } from "../flags/flag.ts";
import { inspectAll, inspectFormatFlag } from "../format/inspect.ts";
import { platformQuery } from "./platform.ts";

/** `image inspect`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  flags: {
    format: inspectFormatFlag,
    platform: stringFlag(
      [
        "Inspect a specific platform of the multi-platform image.",
        "If the image or the server is not multi-platform capable, the command will error out if the platform does not match.",
        "'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
      ].join("\n"),
    ),
  },
  args: { min: 1 },
  examples: ["image inspect busybox", "image inspect -f '{{.Config.Cmd}}' busybox"],
  run: async (cli, { flags, args }) => {
    const client = await cli.client();
    const platform = platformQuery(flags.platform);
    return inspectAll(cli, args, flags.format, async (name) => ({
      text: await inspectImageText(client, name, platform),
      type: async () => (await import("./inspect-type.ts")).inspectType,
    }));
  },
});
