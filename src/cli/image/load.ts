/** `image load`. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { hasCode, invalid } from "../../base/errors.ts";
import { loadImages } from "../../client/index.ts";
import { type AnyCommand, type Cli, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { showProgress } from "../terminal/progress.ts";
import { platformQuery } from "./platform.ts";

/** The bytes of a file that has to be there before anything is asked of the daemon. */
export async function readArchive(path: string): Promise<AsyncIterable<Buffer>> {
  try {
    const file = await open(path, "r");
    const stat = await file.stat();
    await file.close();
    if (stat.isDirectory()) throw invalid(`read ${path}: is a directory`);
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw invalid(`open ${path}: no such file or directory`);
    if (hasCode(error, "EACCES")) throw invalid(`open ${path}: permission denied`);
    throw error;
  }
  return createReadStream(path, { highWaterMark: 1 << 18 });
}

function inputOf(cli: Cli): AsyncIterable<Buffer> {
  if (cli.streams.in.isTerminal) {
    throw new CommandFailure(1, "requested load from stdin, but stdin is empty");
  }
  return cli.streams.in.read();
}

/** `image load`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  aliases: ["image load", "load"],
  flags: {
    input: stringFlag("Read from tar archive file, instead of STDIN", { short: "i" }),
    platform: stringFlag(
      'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: boolFlag("Suppress the load output", { short: "q" }),
  },
  args: { min: 0, max: 0 },
  examples: ["load -i images.tar", "load < images.tar"],
  run: async (cli, { flags }) => {
    const archive = flags.input === "" ? inputOf(cli) : await readArchive(flags.input);
    const { out } = cli.streams;
    const options = { quiet: flags.quiet || !out.isTerminal, platform: platformQuery(flags.platform) };
    const response = await loadImages(await cli.client(), archive, options);
    if (response.headers.get("content-type")?.startsWith("application/json")) {
      await showProgress(response.body, out);
    } else {
      for await (const piece of response.body) out.write(piece);
    }
    return 0;
  },
});
