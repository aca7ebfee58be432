/** Keeps the built-in networks in a small JSON file. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { hasCode } from "../../base/errors.ts";
import type { NetworkState, NetworkStorage } from "./built-in.ts";

/** Opens the file, which need not exist; it is replaced as a whole. */
export function networkFile(path: string): NetworkStorage {
  return {
    load: () => {
      try {
        return JSON.parse(readFileSync(path, "utf8")) as NetworkState;
      } catch (error) {
        if (hasCode(error, "ENOENT")) return undefined;
        throw error;
      }
    },
    save: (state) => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}
