/** The local side of a copy: GNU tar as a child process. */
import { type ChildProcess, spawn } from "node:child_process";
import { pipeline } from "node:stream/promises";
import { hasCode } from "../../../base/errors.ts";
import { CommandFailure } from "../../command.ts";

/** Members' names begin with `from`, which is to become `to`; `.` for a folder's content. */
function renaming(from: string, to: string): string[] {
  if (from === to) return [];
  const pattern = from.replaceAll(/[\\^$.*[\]/,]/g, "\\$&");
  const replacement = to.replaceAll(/[\\&,]/g, "\\$&");
  return ["-P", `--transform=flags=rhS;s,^${pattern}\\(/\\|$\\),${replacement}\\1,`];
}

function ended(child: ChildProcess): Promise<void> {
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (complaint.length < 4096) complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      reject(hasCode(error, "ENOENT") ? new CommandFailure(1, "GNU tar is not installed") : error);
    });
    child.once("close", (code) => {
      const first = complaint.split("\n")[0]?.replace(/^tar: /, "") ?? "";
      if (code === 0 || (code === 1 && /changed as we read it|removed before/.test(complaint))) resolve();
      else reject(new CommandFailure(1, first === "" ? "tar failed" : first));
    });
  });
}

/** Packs `name` in `folder` under another name. */
export async function* packLocal(folder: string, name: string, newName: string): AsyncGenerator<Buffer, void, void> {
  const args = ["-c", "-f", "-", "--format=pax", "--numeric-owner", "--xattrs", ...renaming(name, newName)];
  const child = spawn("tar", [...args, "--", name], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const end = ended(child);
  end.catch(() => undefined);
  try {
    for await (const piece of child.stdout as AsyncIterable<Buffer>) yield piece;
    await end;
  } finally {
    child.kill("SIGKILL");
  }
}

/** Unpacks an archive into `folder`, what it calls `name` under another name. All belongs to the caller. */
export async function unpackLocal(
  archive: AsyncIterable<Buffer>,
  folder: string,
  name: string,
  newName: string,
): Promise<void> {
  // Without -P tar keeps out of other folders; only a name that we gave ourselves may begin with a slash.
  const rename = renaming(name, newName).filter((argument) => argument !== "-P");
  const args = ["-x", "-p", "-f", "-", "--no-same-owner", "--delay-directory-restore", ...rename];
  const child = spawn("tar", args, { cwd: folder, stdio: ["pipe", "ignore", "pipe"] });
  const end = ended(child);
  end.catch(() => undefined);
  await pipeline(archive, child.stdin as NodeJS.WritableStream).catch((error: unknown) => {
    if (!hasCode(error, "EPIPE", "ERR_STREAM_PREMATURE_CLOSE")) throw error;
  });
  await end;
}
