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
  /** The folder is in use: files that change or go while they are read are no failure. */
  readonly isLive?: boolean;
  /** What the first part `from` of members' names becomes (nothing: absolute names); links keep their targets. */
  readonly rename?: { readonly from: string; readonly to: string };
  /** Keep the attributes by which overlayfs marks folders. */
  readonly keepsOverlay?: boolean;
  readonly signal?: AbortSignal;
}

/** A sed expression for names and hard links (`rh`), but not for what symbolic links point at (`S`). */
function transformOf({ from, to }: { from: string; to: string }): string {
  const pattern = from.replaceAll(/[\\^$.*[\]/,]/g, "\\$&");
  const whole = `s,^${pattern}\\(/\\|$\\),${to.replaceAll(/[\\&,]/g, "\\$&")}\\1,`;
  return `flags=rhS;${whole}${to === "" ? ";s,^$,/," : ""}`;
}

/**
 * A tar of a folder's content by GNU tar, in pax format with owners as numbers and extended attributes. The stream
 * fails with an EscaleError when tar does; destroying it ends tar.
 */
export function packTar(directory: string, options: PackOptions = {}): Readable {
  const args = ["-c", "-f", "-", "-b", "128", "--format=pax", "--numeric-owner", "--xattrs", "--xattrs-include=*"];
  args.push("--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime");
  if (options.keepsOverlay !== true) args.push("--xattrs-exclude=trusted.overlay.*");
  if (options.rename !== undefined) args.push("-P", `--transform=${transformOf(options.rename)}`);
  args.push("--anchored", ...(options.exclude ?? []).map((pattern) => `--exclude=${pattern}`));
  if (options.fixedTime !== undefined) args.push("--sort=name", `--mtime=@${options.fixedTime}`);
  const paths = options.paths ?? (options.isBare ? readdirSync(directory) : ["."]);
  // Tar refuses to make an empty archive unless the list of names comes from a file.
  args.push(...(paths.length === 0 ? ["--files-from=/dev/null"] : ["--", ...paths]));
  const tar = startTar(args, directory, { signal: options.signal, isLive: options.isLive });
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
