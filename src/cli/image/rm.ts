/** `image rm`, also known as `rmi`. */
import { isKind, messageOf } from "../../base/errors.ts";
import { removeImage } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, listFlag } from "../flags/flag.ts";
import { platformQuery } from "./platform.ts";

/** `image rm`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  aliases: ["image rm", "image remove", "rmi"],
  flags: {
    force: boolFlag("Force removal of the image", { short: "f" }),
    noPrune: boolFlag("Do not delete untagged parents"),
    platform: {
      ...listFlag('Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'),
      type: "strings",
      set: (text: string, current: readonly string[]) => [...current, ...text.split(",")],
    },
  },
  args: { min: 1 },
  examples: ["rmi busybox:old", "image rm -f app:1 app:2"],
  run: async (cli, { flags, args }) => {
    const client = await cli.client();
    const platforms = flags.platform.flatMap((text) => platformQuery(text) ?? []);
    const failures: string[] = [];
    let isFatal = false;
    for (const name of args) {
      try {
        const removed = await removeImage(client, name, { force: flags.force, noPrune: flags.noPrune, platforms });
        for (const { Deleted, Untagged } of removed) {
          cli.streams.out.write(Deleted ? `Deleted: ${Deleted}\n` : `Untagged: ${Untagged ?? ""}\n`);
        }
      } catch (error) {
        if (!isKind(error, "not-found")) isFatal = true;
        failures.push(messageOf(error));
      }
    }
    if (failures.length === 0) return 0;
    if (!flags.force || isFatal) throw new CommandFailure(1, failures.join("\n"));
    cli.streams.err.write(`${failures.join("\n")}\n`);
    return 0;
  },
});
