import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { spawn } from "../spawn.ts";
import type { RuntimeParts } from "./parts.ts";

/** Runs a command of crun's: the way for what cannot be done by its files. `message` is what it printed as an error. */
export async function runCrun(
  parts: Pick<RuntimeParts, "crun" | "paths">,
  command: readonly string[],
): Promise<{ code: number; message: string }> {
  const output = join(parts.paths.execs, `.crun-${randomBytes(6).toString("hex")}`);
  const fd = openSync(output, "wx", 0o600);
  try {
    const { exit } = spawn({
      file: parts.crun,
      argv: ["crun", `--root=${parts.paths.crunRoot}`, "--cgroup-manager=cgroupfs", ...command],
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
      descriptors: { 2: fd },
    });
    const { code } = await exit;
    return { code: code ?? 1, message: (await readFile(output, "utf8")).trim() };
  } finally {
    closeSync(fd);
    await rm(output, { force: true });
  }
}
