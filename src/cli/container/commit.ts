/** `container commit`. */
import { invalid } from "../../base/errors.ts";
import { commitContainer, parseImageReference, withDefaultTag } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { boolFlag, listFlag, stringFlag } from "../flags/flag.ts";

/** `container commit`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
  aliases: ["container commit", "commit"],
  flags: {
    author: stringFlag('Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")', { short: "a" }),
    change: listFlag("Apply Dockerfile instruction to the created image", { short: "c" }),
    message: stringFlag("Commit message", { short: "m" }),
    pause: boolFlag("Pause container during commit", { short: "p", initial: true }),
  },
  args: { min: 1, max: 2 },
  examples: ["commit web site:snapshot", "commit -c 'CMD [\"httpd\"]' -m 'as it runs' web site:2"],
  run: async (cli, { flags, args }) => {
    const [container = "", name = ""] = args;
    const reference = name === "" ? undefined : parseImageReference(name);
    if (name !== "" && reference === undefined) {
      throw invalid(`invalid repository name (${name}), cannot specify 64-byte hexadecimal strings`);
    }
    const target = reference === undefined ? { name: "", tag: "" } : withDefaultTag(reference);
    const { Id } = await commitContainer(await cli.client(), container, {
      repo: target.name,
      tag: target.tag ?? "",
      author: flags.author,
      comment: flags.message,
      changes: flags.change,
      pause: flags.pause,
    });
    cli.streams.out.write(`${Id}\n`);
    return 0;
  },
});
