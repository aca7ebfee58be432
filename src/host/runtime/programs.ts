/** Where conmon and crun are. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { unavailable } from "../../base/errors.ts";

const folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The absolute path of a program. Errors: unavailable, with how to get it. */
export async function findProgram(name: string): Promise<string> {
  for (const folder of folders) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw unavailable(`${name} is not installed`, { hint: `apt-get install ${name}` });
}
