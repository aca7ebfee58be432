import { execFile } from "node:child_process";

/** A program that containers are run by. */
export interface Program {
  readonly name: string;
  /** Absolute, or a name for the search path. */
  readonly path: string;
  /** Empty when it could not be asked. */
  readonly version: string;
  readonly commit: string;
}

/** Asks a program (crun, conmon) for its version. Never rejects. */
export function askProgram(name: string, path: string): Promise<Program> {
  return new Promise((resolve) => {
    execFile(path, ["--version"], { timeout: 5000, maxBuffer: 64 * 1024 }, (_error, output) => {
      const version = / version (\S+)/.exec(output)?.[1] ?? "";
      const commit = /^commit: (\S+)/m.exec(output)?.[1] ?? "";
      resolve({ name, path, version, commit: commit === "unknown" ? "" : commit });
    });
  });
}
