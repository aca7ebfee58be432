/**
 * Unpacks an archive into a folder that is in use, with things of others in it. The folder is the root of all paths:
 * they are resolved by the kernel (openat2(2)), so neither the archive's links nor those that a hostile process swaps
 * in meanwhile lead out of it.
 */
import { closeSync, constants, readdirSync, rmdirSync, type Stats, unlinkSync } from "node:fs";
import { lchown, link, lstat, lutimes, mkdir, open, symlink } from "node:fs/promises";
import { posix } from "node:path";
import { hasCode, internal, unsupported } from "../../base/errors.ts";
import { check, libc } from "../libc.ts";
import { makeFolderBelow, openBelow, pathOnly } from "../root-path.ts";
import { readTar, type TarMember } from "./entries.ts";
import type { TarEntry } from "./header.ts";
import { setxattr } from "./xattr.ts";

const mknod = libc("int mknod(const char *path, uint mode, uint64_t device)");

/** How to unpack. */
export interface UnpackIntoOptions {
  /** The folder's name in messages. */
  readonly name: string;
  /** Refuse to put a folder in the place of something else and the other way round. */
  readonly keepsKinds: boolean;
  /** Who owns all that is unpacked, instead of whom the archive says. */
  readonly owner?: Owner | undefined;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const bytesOf = (name: string): Buffer => Buffer.from(name, "latin1");
const textOf = (name: string): string => JSON.stringify(bytesOf(name).toString());

/** The entry `name` of an open folder. */
function at(folder: number, name: string): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), bytesOf(name)]);
}

const withNul = (path: Buffer): Buffer => Buffer.concat([path, Buffer.alloc(1)]);

/** A member's path below the folder, undefined when it leads out. */
function localPath(name: string): string | undefined {
  const path = posix.normalize(name.replace(/^\/+/, "")).replace(/\/+$/, "");
  if (path === ".." || path.startsWith("../") || path.includes("\0")) return undefined;
  return path === "" ? "." : path;
}

/** Deletes what `name` is in an open folder, without following links. */
function removeBelow(folder: number, name: string): void {
  try {
    unlinkSync(at(folder, name));
    return;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    if (!hasCode(error, "EISDIR", "EPERM")) throw error;
  }
  const own = openBelow(folder, withNul(bytesOf(name)), constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    for (const child of readdirSync(`/proc/self/fd/${own}`, { encoding: "latin1" })) removeBelow(own, child);
  } finally {
    closeSync(own);
  }
  rmdirSync(at(folder, name));
}

const xattrKey = "SCHILY.xattr.";

function setAttributes(path: Buffer, { pax }: TarEntry): void {
  for (const [key, value] of pax) {
    if (!key.startsWith(xattrKey) || key.startsWith(`${xattrKey}trusted.overlay.`)) continue;
    const content = bytesOf(value);
    const name = withNul(bytesOf(key.slice(xattrKey.length)));
    if (setxattr(withNul(path), name, content, content.length, 0) === -1) {
      try {
        check(-1, "lsetxattr");
      } catch (error) {
        // What the file system does not take is left out, as Docker does.
        if (!hasCode(error, "ENOTSUP", "EOPNOTSUPP", "EPERM")) throw error;
      }
    }
  }
}

const deviceTypes: Readonly<Record<string, number>> = {
  "3": constants.S_IFCHR,
  "4": constants.S_IFBLK,
  "6": constants.S_IFIFO,
};

/** The number of a device as the kernel's `dev_t` has it. */
function deviceNumber([major, minor]: readonly [number, number]): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (low & 0xffn) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | ((high & ~0xfffn) << 32n);
}

class Unpacking {
  readonly #folder: number;
  readonly #options: UnpackIntoOptions;
  #parent: { readonly path: string; readonly fd: number } | undefined;
  /** Times of folders: set at the end, as what comes into a folder changes its time. */
  readonly #times = new Map<string, number>();

  constructor(folder: number, options: UnpackIntoOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  #forgetParent(): void {
    if (this.#parent !== undefined) closeSync(this.#parent.fd);
    this.#parent = undefined;
  }

  #openFolder(path: string): number {
    return openBelow(this.#folder, withNul(bytesOf(path)), pathOnly | constants.O_DIRECTORY);
  }

  /** The folder that holds `path`, made where it is missing. */
  #parentOf(path: string): number {
    const parent = posix.dirname(path);
    if (this.#parent?.path === parent) return this.#parent.fd;
    this.#forgetParent();
    let fd: number;
    try {
      fd = this.#openFolder(parent);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
      makeFolderBelow(this.#folder, bytesOf(parent).toString());
      fd = this.#openFolder(parent);
    }
    this.#parent = { path: parent, fd };
    return fd;
  }

  /** Makes room for a member; gives whether a folder may stay as it is. */
  #makeRoom(existing: Stats | undefined, entry: TarEntry, path: string, parent: number): boolean {
    if (existing === undefined) return false;
    const [wasFolder, isFolder] = [existing.isDirectory(), entry.type === "5"];
    if (this.#options.keepsKinds && wasFolder !== isFolder) {
      const [was, is] = wasFolder ? ["directory", "non-directory"] : ["non-directory", "directory"];
      throw internal(`cannot overwrite ${was} ${textOf(path)} with ${is} ${JSON.stringify(this.#options.name)}`);
    }
    if (wasFolder && isFolder) return true;
    removeBelow(parent, posix.basename(path));
    return false;
  }

  async #content(place: Buffer, { entry, body }: TarMember, owner: Owner): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(place, flags, 0o600);
    try {
      for await (const piece of body) await file.writeFile(piece);
      await file.chown(owner.uid, owner.gid);
      await file.chmod(entry.mode);
      await file.utimes(entry.mtime, entry.mtime);
    } finally {
      await file.close();
    }
    setAttributes(place, entry);
  }

  async #folderMember(place: Buffer, isThere: boolean, entry: TarEntry, owner: Owner): Promise<void> {
    if (!isThere) await mkdir(place, 0o700);
    const folder = await open(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      await folder.chown(owner.uid, owner.gid);
      await folder.chmod(entry.mode);
    } finally {
      await folder.close();
    }
    setAttributes(place, entry);
  }

  async #hardLink(place: Buffer, entry: TarEntry): Promise<void> {
    const target = localPath(entry.linkName);
    if (target === undefined) throw internal(`invalid hardlink target ${textOf(entry.linkName)}`);
    const folder = this.#openFolder(posix.dirname(target));
    try {
      await link(at(folder, posix.basename(target)), place);
    } finally {
      closeSync(folder);
    }
  }

  /** Unpacks one member. */
  async take(member: TarMember): Promise<void> {
    const { entry } = member;
    const path = localPath(entry.name);
    if (path === undefined) throw internal(`invalid entry name ${textOf(entry.name)}`);
    if (path === ".") return;
    if (entry.type === "S" || [...entry.pax.keys()].some((key) => key.startsWith("GNU.sparse."))) {
      throw unsupported("a sparse file in an archive that is copied into a container is not implemented by Escale yet");
    }
    const parent = this.#parentOf(path);
    const name = posix.basename(path);
    const place = at(parent, name);
    const existing = await lstat(place).catch((error: unknown) => {
      if (hasCode(error, "ENOENT")) return undefined;
      throw error;
    });
    const isThere = this.#makeRoom(existing, entry, path, parent);
    const owner = this.#options.owner ?? entry;
    if (entry.type === "0") return this.#content(place, member, owner);
    if (entry.type === "1") return this.#hardLink(place, entry);
    if (entry.type === "5") {
      this.#times.set(path, entry.mtime);
      return this.#folderMember(place, isThere, entry, owner);
    }
    if (entry.type === "2") {
      await symlink(bytesOf(entry.linkName), place);
      await lchown(place, owner.uid, owner.gid);
    } else {
      const type = deviceTypes[entry.type];
      if (type === undefined) throw internal(`unhandled tar header type ${entry.type.charCodeAt(0)}`);
      check(mknod(withNul(place), type | entry.mode, deviceNumber(entry.device)), "mknod", name);
      await lchown(place, owner.uid, owner.gid);
    }
    setAttributes(place, entry);
    await lutimes(place, entry.mtime, entry.mtime);
  }

  /** Gives the folders their times. */
  async finish(): Promise<void> {
    for (const [path, time] of this.#times) {
      try {
        await lutimes(at(this.#parentOf(path), posix.basename(path)), time, time);
      } catch (error) {
        if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
      }
    }
  }

  close(): void {
    this.#forgetParent();
  }
}

/**
 * Unpacks an uncompressed archive into the open folder `folder`, over what is there. Errors: internal with Docker's
 * texts for members that lead out and for {@link UnpackIntoOptions.keepsKinds}, invalid for a malformed archive, and
 * the system's own with their `code`; what came before stays.
 */
export async function unpackInto(
  archive: AsyncIterable<Buffer>,
  folder: number,
  options: UnpackIntoOptions,
): Promise<void> {
  const unpacking = new Unpacking(folder, options);
  try {
    for await (const member of readTar(archive)) await unpacking.take(member);
    await unpacking.finish();
  } finally {
    unpacking.close();
  }
}
