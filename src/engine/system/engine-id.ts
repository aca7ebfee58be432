import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/errors.ts";

/** The lasting id of the engine in a data root: made once, kept in the file `engine-id`. */
export async function engineId(dataRoot: string): Promise<string> {
  const path = join(dataRoot, "engine-id");
  try {
    const id = (await readFile(path, "utf8")).trim();
    if (id !== "") return id;
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  await mkdir(dataRoot, { recursive: true, mode: 0o700 });
  const id = randomUUID();
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(id);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return id;
}
