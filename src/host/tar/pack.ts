import { readdirSync } from "node:fs";
import { PassThrough, type Readable } from "node:stream";
import { startTar } from "./gnu-tar.ts";

/** What to pack. */
export interface PackOptions {
  /** Paths relative to the folder, by default `.`. */
  readonly paths?: readonly string[];
  /** Paths (GNU tar's patterns, anchored) that are left out. */
  readonly exclude?: readonly string[];
  /** Same folder, same bytes: sorted, and every time set to this (seconds since 1970). */
  readonly fixedTime?: number;
  /** Leave the root's own entry out, and name members without `./` before them. */
  readonly isBare?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * A tar of a folder's content by GNU tar, in pax format with owners as numbers and extended attributes. The stream
 * fails with an EscaleError when tar does; destroying it ends tar.
 */
export function packTar(directory: string, options: PackOptions = {}): Readable {
  const args = ["-c", "-f", "-", "-b", "128", "--format=pax", "--numeric-owner", "--xattrs", "--xattrs-include=*"];
  args.push(
    "--xattrs-exclude=trusted.overlay.*",
    "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
  );
  args.push("--anchored", ...(options.exclude ?? []).map((pattern) => `--exclude=${pattern}`));
  if (options.fixedTime !== undefined) args.push("--sort=name", `--mtime=@${options.fixedTime}`);
  const paths = options.paths ?? (options.isBare ? readdirSync(directory) : ["."]);
  // Tar refuses to make an empty archive unless the list of names comes from a file.
  args.push(...(paths.length === 0 ? ["--files-from=/dev/null"] : ["--", ...paths]));
  const tar = startTar(args, directory, options.signal);
  tar.child.stdin!.end();
  const out = new PassThrough({ highWaterMark: 1 << 18 });
  tar.child.stdout!.pipe(out, { end: false });
  tar.ended.then(
    () => out.end(),
    (error: Error) => out.destroy(error),
  );
  out.once("close", () => tar.child.kill("SIGKILL"));
  return out;
}
