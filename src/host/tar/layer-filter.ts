/**
 * Looks at a layer's archive on its way to GNU tar, and changes what tar cannot do as Docker does: whiteouts become the
 * character devices 0/0 that overlayfs takes for them, and members that lie behind a symbolic link of the same archive
 * are put where that link leads inside the layer.
 */
import { posix } from "node:path";
import { invalid } from "../../base/errors.ts";
import { encodeHeader, type TarEntry } from "./header.ts";
import { TarParser } from "./parser.ts";

const whiteoutPrefix = ".wh.";
const metaPrefix = ".wh..wh.";
const opaqueMarker = ".wh..wh..opq";
const mostLinks = 40;

function shown(name: string): string {
  return JSON.stringify(Buffer.from(name, "latin1").toString("utf8"));
}

/** A name without leading slashes and dots: `""` is the root itself. Undefined when it leads outside. */
function insideName(name: string): string | undefined {
  const clean = posix.normalize(name.replace(/^\/+/, "")).replace(/\/$/, "");
  if (clean === "..") return undefined;
  if (clean.startsWith("../")) return undefined;
  return clean === "." ? "" : clean;
}

function parentOf(name: string): string {
  return name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "";
}

function joined(folder: string, base: string): string {
  return folder === "" ? base : `${folder}/${base}`;
}

/** See the head of this file. Throws with Docker's texts for what it refuses. */
export class LayerFilter {
  readonly #parser = new TarParser();
  readonly #names = new Set<string>();
  readonly #links = new Map<string, string>();
  /** Folders whose way was followed already, to where they really are. */
  #resolved = new Map<string, string>();
  #isDropping = false;
  #size = 0;
  #members = 0;
  readonly #opaque: string[] = [];

  /** Bytes of all files, symbolic links counted by their targets: what Docker calls a layer's size. */
  get size(): number {
    return this.#size;
  }

  /** Members that went on to tar. */
  get members(): number {
    return this.#members;
  }

  /** Folders (latin1, relative) that hide what lies in the layers below. */
  get opaqueFolders(): readonly string[] {
    return this.#opaque;
  }

  /** Whether the end of the archive was seen: nothing after it matters. */
  get isAtEnd(): boolean {
    return this.#parser.isAtEnd;
  }

  /** Takes a piece of the archive and gives the pieces to pass on. */
  push(chunk: Buffer): Buffer[] {
    const out: Buffer[] = [];
    for (const event of this.#parser.push(chunk)) {
      if (event.kind === "entry") {
        for (const piece of this.#take(event.entry, event.raw)) append(out, piece);
      } else if (event.kind === "end" || !this.#isDropping) append(out, event.data);
    }
    return out;
  }

  /** To be called at the end: throws if the archive is cut off. */
  finish(): void {
    this.#parser.finish();
  }

  #take(entry: TarEntry, raw: readonly Buffer[]): readonly Buffer[] {
    const name = insideName(entry.name);
    if (name === undefined) throw invalid(`invalid entry name ${shown(entry.name)}`);
    if (this.#names.has(name)) throw invalid("duplicates of file paths not supported");
    this.#names.add(name);
    this.#isDropping = false;
    const base = name.slice(name.lastIndexOf("/") + 1);
    if (base.startsWith(whiteoutPrefix)) return this.#takeWhiteout(entry, name, base);
    const parent = parentOf(name);
    const place = this.#resolve(parent);
    const isMoved = place !== parent;
    const real = isMoved ? joined(place, base) : name;
    const link = entry.type === "1" ? this.#linkTarget(entry.linkName) : entry.linkName;
    this.#count(entry, real);
    this.#members++;
    if (!isMoved && link === entry.linkName) return raw;
    // The map of an old sparse file is no part of the header that is written anew.
    if (entry.type === "S") throw invalid(`invalid entry name ${shown(entry.name)}`);
    return [encodeHeader({ ...entry, name: real, linkName: link })];
  }

  #takeWhiteout(entry: TarEntry, name: string, base: string): readonly Buffer[] {
    this.#isDropping = true;
    const folder = this.#resolve(parentOf(name));
    if (base === opaqueMarker) this.#opaque.push(folder);
    if (base.startsWith(metaPrefix)) return [];
    const hidden = base.slice(whiteoutPrefix.length);
    if (hidden === "" || hidden === "." || hidden === "..") {
      throw invalid(`invalid whiteout entry ${shown(entry.name)}`);
    }
    this.#members++;
    return [encodeHeader({ name: joined(folder, hidden), type: "3", size: 0, mode: 0, mtime: entry.mtime })];
  }

  #count(entry: TarEntry, real: string): void {
    if (entry.type === "2") {
      this.#size += entry.linkName.length;
      if (this.#resolved.has(real)) this.#resolved = new Map();
      this.#links.set(real, entry.linkName);
    } else if (entry.type !== "1") {
      if (entry.type === "0" || entry.type === "S") this.#size += entry.realSize;
      if (this.#links.delete(real)) this.#resolved = new Map();
    }
  }

  #linkTarget(target: string): string {
    const name = insideName(target);
    if (name === undefined) throw invalid(`invalid hardlink target ${shown(target)}`);
    const parent = parentOf(name);
    const place = this.#resolve(parent);
    return place === parent ? target : joined(place, name.slice(name.lastIndexOf("/") + 1));
  }

  /** Where a folder really is, with the links of this archive followed inside it. */
  #resolve(folder: string, depth = 0): string {
    if (folder === "" || this.#links.size === 0) return folder;
    const known = this.#resolved.get(folder);
    if (known !== undefined) return known;
    const full = joined(this.#resolve(parentOf(folder), depth), folder.slice(folder.lastIndexOf("/") + 1));
    const target = this.#links.get(full);
    let place = full;
    if (target !== undefined) {
      if (depth > mostLinks) throw invalid(`statat ${folder}: too many levels of symbolic links`);
      const isAbsolute = target.startsWith("/");
      const led = insideName(isAbsolute ? posix.normalize(target) : joined(parentOf(full), target));
      if (led === undefined) throw invalid(`statat ${folder}: path escapes from parent`);
      place = this.#resolve(led, depth + 1);
    }
    this.#resolved.set(folder, place);
    return place;
  }
}

/** Appends a piece, as one with the last where both lie side by side in memory. */
function append(out: Buffer[], piece: Buffer): void {
  const last = out.at(-1);
  if (last !== undefined && last.buffer === piece.buffer && last.byteOffset + last.length === piece.byteOffset) {
    out[out.length - 1] = Buffer.from(last.buffer as ArrayBuffer, last.byteOffset, last.length + piece.length);
  } else if (piece.length > 0) out.push(piece);
}
