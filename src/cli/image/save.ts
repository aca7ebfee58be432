/** `image save`. */
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { saveImages } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { stringFlag } from "../flags/flag.ts";
import { platformQuery } from "./platform.ts";

async function checkTarget(path: string): Promise<void> {
  const failed = (reason: string): CommandFailure => new CommandFailure(1, `failed to save image: ${reason}`);
  const dir = dirname(path);
  const folder = await stat(dir).catch(() => undefined);
  if (folder === undefined) throw failed(`invalid output path: stat ${dir}: no such file or directory`);
  const target = await stat(path).catch(() => undefined);
  if (target?.isDirectory()) throw failed("cannot write to a directory");
  if (target?.isBlockDevice() || target?.isCharacterDevice()) {
    throw failed("cannot write to a device");
  }
}

/** Writes a file that is there whole or not at all. */
async function writeWhole(path: string, body: AsyncIterable<Buffer>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, "wx", 0o600);
  try {
    for await (const piece of body) await file.write(piece);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

/** `image save`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  aliases: ["image save", "save"],
  flags: {
    output: stringFlag("Write to a file, instead of STDOUT", { short: "o" }),
    platform: stringFlag(
      'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  args: { min: 1 },
  examples: ["save -o app.tar app:1.2", "save app:1.2 | gzip > app.tar.gz"],
  run: async (cli, { flags, args }) => {
    const { out } = cli.streams;
    if (flags.output === "" && out.isTerminal) {
      throw new CommandFailure(1, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    }
    if (flags.output !== "") await checkTarget(flags.output);
    const { body } = await saveImages(await cli.client(), args, platformQuery(flags.platform));
    if (flags.output === "") for await (const piece of body) out.write(piece);
    else await writeWhole(flags.output, body);
    return 0;
  },
});
