/** What `cp` is asked to copy from and to. */
import type { Stats } from "node:fs";
import { lstat, readlink, realpath, stat } from "node:fs/promises";
import { posix } from "node:path";
import { hasCode } from "../../../base/errors.ts";
import { CommandFailure } from "../../command.ts";

/** A side of a copy: whether it is there, and what. */
export interface Place {
  readonly path: string;
  readonly exists: boolean;
  readonly isFolder: boolean;
}

/** `container:path`, or a path alone for what is local. Pure. */
export function splitArgument(argument: string): { container: string; path: string } {
  const colon = argument.indexOf(":");
  if (argument.startsWith("/") || argument.startsWith(".") || colon === -1) return { container: "", path: argument };
  return { container: argument.slice(0, colon), path: argument.slice(colon + 1) };
}

/** Whether a path says that it is a folder. */
export function saysFolder(path: string): boolean {
  return path === "" || path.endsWith("/") || path === "." || path.endsWith("/.");
}

/** An absolute, clean path that keeps its `/` or `/.` at the end. */
export function absoluteOf(path: string, base: string): string {
  const clean = posix.resolve(base, path);
  if (path === "." || path.endsWith("/.")) return clean === "/" ? "/." : `${clean}/.`;
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

/** The last part of a path as Go counts it: `a/` has `a`, `a/.` has `.`. */
export function lastPart(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

/** Folder and name that a path without the end that says folder has. */
export function splitTarget(path: string): { folder: string; name: string } {
  const clean = posix.normalize(path).replace(/(?<=.)\/$/, "");
  return { folder: posix.dirname(clean), name: posix.basename(clean) };
}

/** A local source, its links followed where asked. Errors: what `lstat` says, in Docker's words. */
export async function localSource(path: string, followsLink: boolean): Promise<Place> {
  const absolute = absoluteOf(path, process.cwd());
  try {
    const real = followsLink || saysFolder(path) ? await realpath(absolute.replace(/\/\.?$/, "") || "/") : absolute;
    const info = await lstat(real);
    if (saysFolder(path) && !info.isDirectory()) throw new CommandFailure(1, "not a directory");
    return {
      path: path.endsWith("/.") || path === "." ? `${real}/.` : real,
      exists: true,
      isFolder: info.isDirectory(),
    };
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new CommandFailure(1, `lstat ${absolute}: no such file or directory`);
    if (hasCode(error, "ENOTDIR")) throw new CommandFailure(1, "not a directory");
    throw error;
  }
}

function infoOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}

/** A local target; a link, also one to nothing, is followed. Errors: a folder above it that is missing. */
export async function localTarget(path: string): Promise<Place> {
  let absolute = absoluteOf(path, process.cwd());
  const { folder } = splitTarget(absolute);
  if (!saysFolder(path) && (await infoOf(folder)) === undefined) {
    throw new CommandFailure(1, `invalid output path: directory "${folder}" does not exist`);
  }
  for (let links = 0; links < 40; links++) {
    const clean = absolute.replace(/(?<=.)\/\.?$/, "");
    const info = await infoOf(clean);
    if (!info?.isSymbolicLink()) break;
    absolute = posix.resolve(posix.dirname(clean), await readlink(clean));
  }
  const info = await stat(absolute.replace(/(?<=.)\/\.?$/, "")).catch(() => undefined);
  if (info !== undefined && !info.isDirectory() && saysFolder(absolute)) {
    throw new CommandFailure(1, `stat ${absolute}: not a directory`);
  }
  if (info?.isCharacterDevice() || info?.isBlockDevice()) {
    throw new CommandFailure(1, "invalid output path: got a device");
  }
  return { path: absolute, exists: info !== undefined, isFolder: info?.isDirectory() ?? false };
}

/**
 * Into which folder a source is unpacked, and under what name, by Docker's rules. Pure. Errors: a folder onto a file,
 * a file into a folder that is missing.
 */
export function targetOf(
  source: { readonly isFolder: boolean; readonly name: string },
  target: Place,
): { folder: string; name: string } {
  if (target.exists && target.isFolder) return { folder: target.path, name: source.name };
  if (target.exists && source.isFolder) throw new CommandFailure(1, "cannot copy directory");
  if (!target.exists && !source.isFolder && saysFolder(target.path)) throw new CommandFailure(1, "no such directory");
  return splitTarget(target.path);
}
