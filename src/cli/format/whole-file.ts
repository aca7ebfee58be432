/** Files that a command writes its result to. */
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { CommandFailure } from "../command.ts";

/** Refuses what cannot be written to, before anything is asked of the daemon; `failure` is how the error begins. */
export async function checkTarget(path: string, failure: string): Promise<void> {
  const failed = (reason: string): CommandFailure => new CommandFailure(1, `${failure}: ${reason}`);
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
export async function writeWhole(path: string, body: AsyncIterable<Buffer>): Promise<void> {
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
