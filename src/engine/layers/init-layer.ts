/**
 * The layer that lies between an image and a container's own tree: the mount points and files that a runtime needs, where
 * the image lacks them. It keeps what the daemon puts there out of the container's changes. Images that lack the same
 * share one, `layers/init-<hash>/fs`, kept for ever: it is a few empty files.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { digestHex, digestOf } from "../../base/digests.ts";
import { hasCode } from "../../base/errors.ts";

/** What must exist in a container's root, in this order. */
const wanted: readonly (readonly [path: string, kind: "folder" | "file" | "link"])[] = [
  ["dev", "folder"],
  ["dev/pts", "folder"],
  ["dev/shm", "folder"],
  ["dev/console", "file"],
  ["proc", "folder"],
  ["sys", "folder"],
  [".dockerenv", "file"],
  ["etc", "folder"],
  ["etc/resolv.conf", "file"],
  ["etc/hosts", "file"],
  ["etc/hostname", "file"],
  ["etc/mtab", "link"],
];

interface Needed {
  readonly path: string;
  readonly kind: "folder" | "file" | "link";
  /** Of the image's own folder, which this layer would else change. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** The topmost of `trees` (highest first) that says something of `path`, as overlayfs would find it. */
function find(trees: readonly string[], path: string): ReturnType<typeof lstatSync> | undefined {
  const folder = dirname(path);
  for (const tree of trees) {
    try {
      const info = lstatSync(join(tree, path));
      return info.isCharacterDevice() && info.rdev === 0 ? undefined : info;
    } catch (error) {
      if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
    }
    if (folder === ".") continue;
    // Something that is no folder, a whiteout too, hides what lies under it further down.
    try {
      if (!lstatSync(join(tree, folder)).isDirectory()) return undefined;
    } catch (error) {
      if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
    }
  }
  return undefined;
}

function lacking(trees: readonly string[]): Needed[] {
  const needed: Needed[] = [];
  const strange = new Set<string>();
  for (const [path, kind] of wanted) {
    if (strange.has(dirname(path))) continue;
    const found = find(trees, path);
    if (found === undefined) needed.push({ path, kind, mode: kind === "folder" ? 0o755 : 0o644, uid: 0, gid: 0 });
    else if (kind === "folder" && found.isDirectory()) {
      needed.push({ path, kind, mode: Number(found.mode) & 0o7777, uid: Number(found.uid), gid: Number(found.gid) });
    } else if (kind === "folder") strange.add(path);
  }
  // A folder that the image has is only needed here to hold something.
  return needed.filter(
    ({ path, kind }) =>
      kind !== "folder" || find(trees, path) === undefined || needed.some((other) => dirname(other.path) === path),
  );
}

function make(root: string, { path, kind, mode, uid, gid }: Needed): void {
  const full = join(root, path);
  if (kind === "link") {
    symlinkSync("/proc/mounts", full);
    return;
  }
  if (kind === "folder") mkdirSync(full);
  else writeFileSync(full, "");
  chownSync(full, uid, gid);
  chmodSync(full, mode);
}

/**
 * Gives the name of the init layer, relative to `folder`, for an image's trees (absolute, highest first); makes it where
 * it is not there yet.
 */
export function initLayer(folder: string, trees: readonly string[]): string {
  const needed = lacking(trees);
  const name = `init-${digestHex(digestOf(JSON.stringify(needed))).slice(0, 10)}`;
  const target = join(folder, name);
  if (!existsSync(target)) {
    const temporary = join(folder, `tmp-${name}-${process.pid}`);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(join(temporary, "fs"), { recursive: true });
    for (const one of needed) make(join(temporary, "fs"), one);
    renameSync(temporary, target);
  }
  return join(name, "fs");
}
