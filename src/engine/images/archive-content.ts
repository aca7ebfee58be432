import { posix } from "node:path";
import { invalid, isKind } from "../../base/errors.ts";
import { compressionOf, decompress, isHeader, peek, readTar } from "../../host/tar/index.ts";
import type { HeldLayer, Layers } from "../layers/index.ts";

/** A member of an image archive: a document, a layer that is unpacked already, or one that could not be. */
export type ArchiveMember =
  | { readonly kind: "document"; readonly data: Buffer }
  | { readonly kind: "layer"; readonly held: HeldLayer }
  | { readonly kind: "failed"; readonly error: Error };

/** What an image archive holds, by name. */
export interface ArchiveContent {
  readonly members: ReadonlyMap<string, ArchiveMember>;
  /** The member of that name, links followed; undefined for none. */
  find(name: string): ArchiveMember | undefined;
}

/** How to read. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Told how much of which layer (short id) has come. */
  readonly onProgress?: (layer: string, current: number, total: number) => void;
}

const largestDocument = 8 << 20;
const mostDocuments = 64 << 20;
const mostLinks = 10;

function shortName(path: string): string {
  const file = posix.basename(path);
  return (file === "layer.tar" ? posix.basename(posix.dirname(path)) : file).slice(0, 12);
}

/**
 * Reads an image archive as it comes. Whatever looks like a layer is unpacked on the way, before it is known which
 * image wants it: by the time the manifest arrives the work is done. Each layer is pushed to `held` for the caller to
 * release, also after an error. Errors: invalid with Docker's texts, internal for a full disk.
 */
export async function readArchive(
  layers: Layers,
  archive: AsyncIterable<Uint8Array>,
  held: HeldLayer[],
  options: ReadOptions = {},
): Promise<ArchiveContent> {
  const members = new Map<string, ArchiveMember>();
  const links = new Map<string, string>();
  let documents = 0;

  const takeLayer = async (name: string, size: number, head: Buffer, body: AsyncIterable<Buffer>): Promise<void> => {
    const digits = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
    const claimed = digits !== undefined && compressionOf(head) === "none" ? `sha256:${digits}` : undefined;
    const short = shortName(name);
    try {
      const layer = await layers.ingest(body, {
        ...(claimed !== undefined && { diffId: claimed }),
        ...(options.signal && { signal: options.signal }),
        onProgress: (bytes) => options.onProgress?.(short, Math.min(bytes, size), size),
      });
      held.push(layer);
      members.set(name, { kind: "layer", held: layer });
      if (!layer.isKnown) options.onProgress?.(short, size, size);
    } catch (error) {
      // It may be of no image: told when one wants it. An archive that is cut off fails again at its next member.
      if (!isKind(error, "invalid")) throw error;
      members.set(name, { kind: "failed", error });
    }
  };

  for await (const { entry, body } of readTar(await decompress(archive))) {
    options.signal?.throwIfAborted();
    const name = posix.normalize(Buffer.from(entry.name, "latin1").toString("utf8")).replace(/^\/+/, "");
    const target = Buffer.from(entry.linkName, "latin1").toString("utf8");
    if (entry.type === "2") links.set(name, posix.join(posix.dirname(name), target));
    if (entry.type === "1") links.set(name, posix.normalize(target));
    if (entry.type !== "0") continue;
    const { head, whole } = await peek(body, 512);
    if (compressionOf(head) !== "none" || isHeader(head)) {
      await takeLayer(name, entry.size, head, whole);
      continue;
    }
    documents += entry.size;
    if (entry.size > largestDocument || documents > mostDocuments) {
      members.set(name, { kind: "failed", error: invalid("archive/tar: invalid tar header") });
      continue;
    }
    const pieces: Buffer[] = [];
    for await (const piece of whole) pieces.push(Buffer.from(piece));
    members.set(name, { kind: "document", data: Buffer.concat(pieces) });
  }
  return {
    members,
    find: (name) => {
      let at = posix.normalize(name).replace(/^\/+/, "");
      for (let steps = 0; steps < mostLinks; steps++) {
        const member = members.get(at);
        const next = links.get(at);
        if (member !== undefined || next === undefined) return member;
        at = next;
      }
      return undefined;
    },
  };
}
