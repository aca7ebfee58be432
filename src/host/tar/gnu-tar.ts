/** GNU tar as a child process, and what its complaints mean in Docker's words. */
import { type ChildProcess, spawn } from "node:child_process";
import { hasCode, internal, invalid, unavailable } from "../../base/errors.ts";

const mostComplaints = 4096;

/** A running tar; `ended` resolves when it has succeeded and rejects with an EscaleError otherwise. */
export interface RunningTar {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

function complaint(text: string): Error {
  const details = { tar: text };
  const linked = /tar: (.+): Cannot hard link to ['‘](.+)['’]: No such file or directory/.exec(text);
  if (linked) return invalid(`linkat ${linked[2]} ${linked[1]}: no such file or directory`, { details });
  // A short write to a file has one cause: the disk is full.
  const full = /tar: (.+?): (?:Wrote only \d+ of \d+ bytes|Cannot [a-z]+.*: No space left on device)/.exec(text);
  if (full) return internal(`write /${full[1]}: no space left on device`, { details });
  if (text.includes("No space left on device")) return internal("no space left on device", { details });
  if (text.includes("Unexpected EOF in archive")) return invalid("unexpected EOF", { details });
  if (text.includes("does not look like a tar archive") || text.includes("Skipping to next header")) {
    return invalid("archive/tar: invalid tar header", { details });
  }
  const first = text.split("\n")[0]?.replace(/^tar: /, "");
  return invalid(`cannot unpack the archive: ${first || "tar failed"}`, { details });
}

/** How to run tar. */
export interface TarRun {
  readonly signal?: AbortSignal | undefined;
  /** Files that change or go while they are read are no failure. */
  readonly isLive?: boolean | undefined;
}

/** Tar's exit code when files changed under its hands. */
const someDiffer = 1;

/** Starts GNU tar with `args` in `directory`; standard input and output are pipes, SIGKILL follows on abort. */
export function startTar(args: readonly string[], directory: string, { signal, isLive }: TarRun = {}): RunningTar {
  const child = spawn("tar", args, {
    cwd: directory,
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    ...(signal && { signal }),
    killSignal: "SIGKILL",
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (complaints.length < mostComplaints) complaints += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", (error) => {
      if (hasCode(error, "ENOENT")) {
        reject(unavailable("GNU tar is not installed", { cause: error, hint: "apt-get install tar" }));
      } else reject(error);
    });
    child.once("close", (code) => {
      if (code === 0 || (isLive && code === someDiffer)) resolve();
      else reject(complaint(complaints));
    });
  });
  ended.catch(() => {});
  return { child, ended };
}
