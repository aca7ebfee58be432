/** `image import`. */
import { invalid } from "../../base/errors.ts";
import { importImage, parseImageReference, withDefaultTag } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { listFlag, stringFlag } from "../flags/flag.ts";
import { showProgress } from "../terminal/progress.ts";
import { readArchive } from "./load.ts";

/** `image import`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
  aliases: ["image import", "import"],
  flags: {
    change: listFlag("Apply Dockerfile instruction to the created image", { short: "c" }),
    message: stringFlag("Set commit message for imported image", { short: "m" }),
    platform: stringFlag("Set platform if server is multi-platform capable"),
  },
  args: { min: 1 },
  examples: ["import rootfs.tar app:base", "import -c 'CMD [\"sh\"]' - app:base < rootfs.tar"],
  run: async (cli, { flags, args }) => {
    const [from = "", name = ""] = args;
    const isAddress = /^https?:\/\//.test(from);
    const archive = isAddress ? undefined : from === "-" ? cli.streams.in.read() : await readArchive(from);
    const reference = name === "" ? undefined : parseImageReference(name);
    if (name !== "" && reference === undefined) {
      throw invalid(`invalid repository name (${name}), cannot specify 64-byte hexadecimal strings`);
    }
    const target = reference === undefined ? { name: "", tag: "" } : withDefaultTag(reference);
    const response = await importImage(
      await cli.client(),
      {
        source: isAddress ? from : "-",
        repo: target.name,
        tag: target.tag ?? "",
        message: flags.message,
        changes: flags.change,
        platform: flags.platform,
      },
      archive,
    );
    await showProgress(response.body, cli.streams.out);
    return 0;
  },
});
