/** What a container has changed in its image: its writable tree against the layers below. */
import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/errors.ts";
import { isOpaque } from "../../host/overlay.ts";
import type { FilesystemChange } from "../../wire/docker/containers.ts";
import type { ContainersDeps } from "./deps.ts";
import type { ContainerTable } from "./table.ts";

const [modified, added, deleted] = [0, 1, 2] as const;

/** Something in the layers, and the folders that make it up where it is one, highest first. */
interface Below {
  readonly info: BigIntStats;
  readonly folders: readonly string[];
}

function isWhiteout(info: BigIntStats): boolean {
  return info.isCharacterDevice() && info.rdev === 0n;
}

async function infoOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** What `name` is in a folder of the layers. */
async function below(folders: readonly string[], name: string): Promise<Below | undefined> {
  let top: BigIntStats | undefined;
  const found: string[] = [];
  for (const folder of folders) {
    const path = join(folder, name);
    const info = await infoOf(path);
    if (info === undefined) continue;
    if (isWhiteout(info) || (top !== undefined && !info.isDirectory())) break;
    top ??= info;
    if (!info.isDirectory()) break;
    found.push(path);
    if (isOpaque(path)) break;
  }
  return top && { info: top, folders: found };
}

/** Whether something was really changed, or only copied up. */
function differs(now: BigIntStats, before: BigIntStats): boolean {
  if (now.mode !== before.mode || now.uid !== before.uid || now.gid !== before.gid || now.rdev !== before.rdev) {
    return true;
  }
  return !now.isDirectory() && (now.size !== before.size || now.mtimeNs !== before.mtimeNs);
}

async function namesBelow(folders: readonly string[]): Promise<Set<string>> {
  const names = new Set<string>();
  for (const folder of folders) for (const name of await readdir(folder)) names.add(name);
  return names;
}

const asFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A name in an open folder: a container may put links in the place of folders meanwhile. */
const at = (folder: FileHandle, name: string): string => `/proc/self/fd/${folder.fd}/${name}`;

/** Appends the changes in one folder: those of each thing after itself, what is gone at the end. */
async function walk(
  folder: FileHandle,
  path: string,
  lower: readonly string[],
  changes: FilesystemChange[],
): Promise<void> {
  const gone: FilesystemChange[] = [];
  const here = (await readdir(`/proc/self/fd/${folder.fd}`)).sort();
  for (const name of here) {
    const info = await infoOf(at(folder, name));
    if (info === undefined) continue;
    const place = `${path}/${name}`;
    const before = await below(lower, name);
    if (isWhiteout(info)) {
      if (before !== undefined) gone.push({ Path: place, Kind: deleted });
      continue;
    }
    const first = changes.length;
    changes.push({ Path: place, Kind: before === undefined ? added : modified });
    if (info.isDirectory()) await walkInto(folder, name, place, before?.folders ?? [], changes);
    const isSame = before !== undefined && changes.length === first + 1 && !differs(info, before.info);
    if (isSame) changes.pop();
  }
  if (isOpaque(`/proc/self/fd/${folder.fd}`)) {
    const present = new Set(here);
    for (const name of [...(await namesBelow(lower))].sort()) {
      if (present.has(name) || (await below(lower, name)) === undefined) continue;
      gone.push({ Path: `${path}/${name}`, Kind: deleted });
    }
  }
  for (const change of gone) changes.push(change);
}

async function walkInto(
  parent: FileHandle,
  name: string,
  path: string,
  lower: readonly string[],
  changes: FilesystemChange[],
): Promise<void> {
  let folder: FileHandle;
  try {
    folder = await open(at(parent, name), asFolder);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return;
    throw error;
  }
  try {
    await walk(folder, path, lower, changes);
  } finally {
    await folder.close();
  }
}

/** Every change, folders before what is in them. Source: ContainerChanges. Errors: not-found. */
export async function changes(deps: ContainersDeps, table: ContainerTable, id: string): Promise<FilesystemChange[]> {
  const container = table.resolve(id);
  const found: FilesystemChange[] = [];
  const snapshot = deps.snapshots.get(container.id);
  if (snapshot === undefined) return found;
  const top = await open(snapshot.upperDir, asFolder);
  try {
    await walk(top, "", snapshot.lowerDirs, found);
  } finally {
    await top.close();
  }
  return found;
}
