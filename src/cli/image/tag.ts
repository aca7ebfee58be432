/** `image tag`. */
import { invalid } from "../../base/errors.ts";
import { parseImageReference, tagImage, withDefaultTag } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";

function checkSource(text: string): void {
  try {
    parseImageReference(text);
  } catch (error) {
    throw invalid(`Error parsing reference: "${text}" is not a valid repository/tag: ${(error as Error).message}`);
  }
}

/** `image tag`. */
export const command: AnyCommand = defineCommand({
  usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
  aliases: ["image tag", "tag"],
  flags: {},
  args: { min: 2, max: 2 },
  examples: ["tag app:latest app:1.2"],
  run: async (cli, { args }) => {
    const [source = "", target = ""] = args;
    checkSource(source);
    const failed = (reason: string): Error =>
      invalid(`Error parsing reference: "${target}" is not a valid repository/tag: ${reason}`);
    let reference: ReturnType<typeof parseImageReference>;
    try {
      reference = parseImageReference(target);
    } catch (error) {
      throw failed((error as Error).message);
    }
    if (reference === undefined) throw failed("cannot specify 64-byte hexadecimal strings");
    if (reference.digest !== undefined) throw invalid("refusing to create a tag with a digest reference");
    const { name, tag = "latest" } = withDefaultTag(reference);
    await tagImage(await cli.client(), source, name, tag);
    return 0;
  },
});
