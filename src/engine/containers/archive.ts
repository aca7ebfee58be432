/** Copying between a container's file system and archives: the two directions of `docker cp`. */
import { closeSync, constants, fstatSync } from "node:fs";
import { posix } from "node:path";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { rfc3339Nano } from "../../base/clock.ts";
import { EscaleError, hasCode, internal, invalid, messageOf, notFound } from "../../base/errors.ts";
import { openInRoot, pathOnly, readLinkAt } from "../../host/root-path.ts";
import { decompress, packTar, unpackInto } from "../../host/tar/index.ts";
import type { ContainerPathStat } from "../../wire/docker/containers.ts";
import { userIn } from "../spec/index.ts";
import { type ContainerRoot, isWithin, pathWithin, type RootDeps, withContainerRoot } from "./container-root.ts";
import { fileModeOf } from "./file-mode.ts";
import type { ContainerRecord } from "./record.ts";

/** A part of a container's file system on its way out. */
export interface OutgoingArchive {
  readonly stat: ContainerPathStat;
  /** A tar. Whoever got it reads it to its end or destroys it. */
  readonly archive: Readable;
}

/** How to unpack into a container. */
export interface PutArchiveOptions {
  /** Refuse to put a folder in the place of something else and the other way round. */
  readonly noOverwriteDirNonDir: boolean;
  /** Give all to the container's user. */
  readonly copyUIDGID: boolean;
}

/** A path as users write it, in the forms that Docker's rules need. */
interface AskedPath {
  /** Absolute and clean, except that a `/` or `/.` at its end stays. */
  readonly absolute: string;
  /** Without that end. */
  readonly clean: string;
  /** Whether a link at the end is followed. */
  readonly follows: boolean;
}

/** Reads a path as Docker does. Pure. */
export function askedPath(path: string): AskedPath {
  const clean = posix.normalize(`/${path}`).replace(/(?<=.)\/$/, "");
  const end = path === "." || path.endsWith("/.") ? "." : path.endsWith("/") ? "/" : "";
  const joined = end === "." ? `${clean === "/" ? "" : clean}/.` : clean === "/" ? clean : clean + end;
  return { absolute: joined, clean, follows: end !== "" };
}

/** The last part of a path, `/` for the root: unlike Node, `a/.` gives `.`. */
function lastPart(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

/** The kernel's words, as Docker passes them on. */
const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: "not a directory",
  ELOOP: "too many levels of symbolic links",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
  ENOSPC: "no space left on device",
  ENAMETOOLONG: "file name too long",
};

function missing(path: string, reference: string): Error {
  return notFound(`Could not find the file ${path} in container ${reference}`);
}

/** Turns what the system says of a path into Docker's error. */
function explained(error: unknown, call: string, path: string, reference: string): unknown {
  if (hasCode(error, "ENOENT")) return missing(path, reference);
  if (!hasCode(error, ...Object.keys(reasons))) return error;
  const prefix = call === "" ? "" : `${call} ${path}: `;
  return internal(`${prefix}${reasons[error.code] ?? messageOf(error)}`, { cause: error });
}

interface Found {
  readonly fd: number;
  /** Where it really is, as seen from the root. */
  readonly real: string;
  readonly stat: ContainerPathStat;
}

function linkTargetOf(root: ContainerRoot, fd: number, real: string): string {
  const text = readLinkAt(fd);
  const target = posix.resolve(posix.dirname(real), text);
  try {
    const followed = openInRoot(root.path, target, pathOnly);
    try {
      return pathWithin(root, followed);
    } finally {
      closeSync(followed);
    }
  } catch {
    return target;
  }
}

function find(root: ContainerRoot, path: string, reference: string): Found {
  const { absolute, clean, follows } = askedPath(path);
  let fd: number;
  try {
    fd = openInRoot(root.path, clean, pathOnly | (follows ? constants.O_DIRECTORY : constants.O_NOFOLLOW));
  } catch (error) {
    throw explained(error, "lstat", absolute, reference);
  }
  try {
    const real = pathWithin(root, fd);
    if (root.kernelPlaces.some((place) => isWithin(real, place) && real !== place)) throw missing(absolute, reference);
    const info = fstatSync(fd, { bigint: true });
    const stat = {
      name: lastPart(path),
      size: Number(info.size),
      mode: fileModeOf(Number(info.mode)),
      mtime: rfc3339Nano(info.mtimeNs),
      linkTarget: info.isSymbolicLink() ? linkTargetOf(root, fd, real) : "",
    };
    return { fd, real, stat };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** What is at a path. Source: ContainerArchiveInfo. Errors: not-found, internal. */
export async function statPath(parts: RootDeps, id: string, path: string): Promise<ContainerPathStat> {
  const container = parts.table.resolve(id);
  return withContainerRoot(parts, container, async (root) => {
    const { fd, stat } = find(root, path, id);
    closeSync(fd);
    return stat;
  });
}

function escaped(path: string): string {
  return path.replaceAll(/[\\*?[\]]/g, "\\$&");
}

/** Packs what was found under the name that was asked for. */
function pack(root: ContainerRoot, found: Found, path: string): Readable {
  const { real } = found;
  const name = lastPart(askedPath(path).absolute);
  const isFolder = fstatSync(found.fd).isDirectory();
  // The root has no entry of its own in a folder: it is packed from inside.
  const isRoot = real === "/";
  const member = isRoot ? "." : posix.basename(real);
  const parent = openInRoot(root.path, isRoot ? "/" : posix.dirname(real), pathOnly | constants.O_DIRECTORY);
  try {
    const hidden = isFolder ? root.kernelPlaces.filter((place) => isWithin(place, real)) : [];
    return packTar(`/proc/self/fd/${parent}`, {
      paths: [member],
      exclude: hidden.map((place) => `${escaped(`${member}/${posix.relative(real, place)}`).replace(/\/$/, "")}/*`),
      isLive: true,
      ...(name === "/" ? { rename: { from: ".", to: "" } } : name !== member && { rename: { from: member, to: name } }),
    });
  } finally {
    closeSync(parent);
  }
}

/**
 * A tar of what is at a path, named by its last part. Resolves when the archive can be read; the container is held as
 * it is until that ends. Source: ContainerArchive. Errors: not-found, internal.
 */
export async function getArchive(parts: RootDeps, id: string, path: string): Promise<OutgoingArchive> {
  const container = parts.table.resolve(id);
  const ready = Promise.withResolvers<OutgoingArchive>();
  withContainerRoot(parts, container, async (root) => {
    const found = find(root, path, id);
    try {
      const archive = pack(root, found, path);
      const ended = finished(archive).catch(() => undefined);
      parts.table.emit(container, "archive-path");
      ready.resolve({ stat: found.stat, archive });
      await ended;
    } finally {
      closeSync(found.fd);
    }
  }).catch(ready.reject);
  return ready.promise;
}

/** Refuses a place that the container itself could not write to. */
function refuseReadOnly(record: ContainerRecord, real: string): void {
  const over = record.mounts
    .filter(({ Destination }) => isWithin(real, Destination))
    .sort((a, b) => b.Destination.length - a.Destination.length)[0];
  if (over !== undefined) {
    if (!over.RW) throw invalid("mounted volume is marked read-only");
    return;
  }
  const isInMemory = Object.keys(record.hostConfig.Tmpfs ?? {}).some((place) => isWithin(real, place));
  if (record.hostConfig.ReadonlyRootfs && !isInMemory) throw invalid("container rootfs is marked read-only");
}

/**
 * Unpacks an archive (plain or compressed) into a folder of the container. Source: PutContainerArchive.
 * Errors: not-found, invalid for what is no folder or read-only, internal with Docker's texts.
 */
export async function putArchive(
  parts: RootDeps,
  id: string,
  path: string,
  archive: AsyncIterable<Uint8Array>,
  options: PutArchiveOptions,
): Promise<void> {
  const container = parts.table.resolve(id);
  await withContainerRoot(parts, container, async (root) => {
    const { absolute, clean } = askedPath(path);
    let folder: number;
    try {
      folder = openInRoot(root.path, clean, pathOnly);
    } catch (error) {
      throw explained(error, "lstat", absolute, id);
    }
    try {
      const real = pathWithin(root, folder);
      if (root.kernelPlaces.some((place) => isWithin(real, place))) throw missing(absolute, id);
      if (!fstatSync(folder).isDirectory()) throw invalid("extraction point is not a directory");
      refuseReadOnly(container.record, real);
      const { User } = container.record.config;
      const owner = options.copyUIDGID && User !== "" ? userIn(root.path, User, {}) : undefined;
      await unpackInto(await decompress(archive), folder, {
        name: real,
        keepsKinds: options.noOverwriteDirNonDir,
        ...(owner !== undefined && { owner }),
      });
      parts.table.emit(container, "extract-to-dir");
    } catch (error) {
      throw asArchiveError(explained(error, "", absolute, id));
    } finally {
      closeSync(folder);
    }
  });
}

/** A bad archive is Docker's internal error here, not the request's. */
function asArchiveError(error: unknown): unknown {
  const isArchives = error instanceof EscaleError && /^(archive\/tar|unexpected EOF|gzip|zstd)/.test(error.message);
  return isArchives ? internal(error.message, { cause: error }) : error;
}
