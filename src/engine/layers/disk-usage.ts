import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/errors.ts";

/**
 * Bytes of all that is not a folder under `directory`, each inode once: what Docker counts as a size. What vanishes
 * meanwhile, and a folder that is absent, count nothing.
 */
export async function diskUsage(directory: string): Promise<number> {
  const seen = new Set<number>();
  let bytes = 0;
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          folders.push(path);
          continue;
        }
        const info = await lstat(path);
        if (info.nlink > 1 && seen.has(info.ino)) continue;
        seen.add(info.ino);
        bytes += info.size;
      }
    } catch (error) {
      if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
    }
  }
  return bytes;
}
