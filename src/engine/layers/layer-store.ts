/**
 * The store of unpacked layers. A layer is found by the digest of its archive (diff id) and unpacked once, however many
 * images have it. On disk:
 *
 *     layers/<id>/fs        the tree; `id` is short and random, so that many fit into one mount
 *     layers/tmp-<random>   being unpacked; deleted by reconcile
 *
 * The archive itself is kept among the blobs under its diff id, for `save` to give back the same bytes. Owners (images,
 * snapshots) hold layers by name; a layer that nobody holds is deleted.
 */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../base/logger.ts";
import { spreadSubfolders } from "../../host/spread.ts";
import { decompress, unpackTar } from "../../host/tar/index.ts";
import type { Blobs } from "../../storage/blobs/index.ts";
import { type Records, recordKind, type WriteTransaction } from "../../storage/records/index.ts";

/** An unpacked layer. */
export interface Layer {
  readonly id: string;
  /** Digest of the uncompressed archive. */
  readonly diffId: string;
  /** Bytes of its files, as Docker counts them. */
  readonly size: number;
  /** Bytes of the uncompressed archive. */
  readonly archiveSize: number;
}

/** A layer that cannot go away until it is released. */
export interface HeldLayer {
  readonly layer: Layer;
  /** Whether it was here before. */
  readonly isKnown: boolean;
  /** Lets go; a layer without owner and holder is deleted. */
  release(): Promise<void>;
}

/** How to take a layer in. */
export interface IngestOptions {
  /** The diff id that it claims to have: spares unpacking what is here or on its way. It is not checked here. */
  readonly diffId?: string;
  readonly signal?: AbortSignal;
  /** Told the uncompressed bytes taken so far. */
  readonly onProgress?: (bytes: number) => void;
}

/** All layers of this engine. */
export interface Layers {
  /** `<data root>/layers`: what layer ids are relative to. */
  readonly folder: string;
  get(id: string): Layer | undefined;
  find(diffId: string): Layer | undefined;
  /** The folder of a layer's tree. */
  path(id: string): string;
  /** Holds a layer that is here. */
  hold(diffId: string): HeldLayer | undefined;
  /**
   * Unpacks an archive (plain, gzip, zstd, xz, bzip2) and holds the layer. Errors: invalid with Docker's texts for a bad
   * archive, internal for a full disk; nothing is left then.
   */
  ingest(archive: AsyncIterable<Uint8Array>, options?: IngestOptions): Promise<HeldLayer>;
  /** Makes `owner` hold these layers, as part of a transaction, instead of those that it held. */
  own(tx: WriteTransaction, owner: string, ids: readonly string[]): void;
  /** Ends what `owner` holds, as part of a transaction; {@link collect} deletes. */
  disown(tx: WriteTransaction, owner: string): void;
  /** Who holds which layers (ids, lowest first). */
  owners(): { readonly owner: string; readonly layers: readonly string[] }[];
  /** Deletes the layers that nobody holds. */
  collect(): Promise<void>;
  /** After a start: deletes half-made layers and archives without a layer; only while nothing is at work. */
  reconcile(): Promise<void>;
}

/** What the store needs. */
export interface LayerDeps {
  readonly records: Records;
  /** Holds the archives of layers and nothing else: what belongs to no layer is swept. */
  readonly blobs: Blobs;
  readonly dataRoot: string;
  readonly log: Logger;
}

const layerKind = recordKind<Omit<Layer, "id">>("layer");
const ownerKind = recordKind<{ layers: readonly string[] }>("layer-owner");

/** Opens the layers under `<data root>/layers`. */
export async function openLayers(deps: LayerDeps): Promise<Layers> {
  const { records, blobs } = deps;
  const folder = join(deps.dataRoot, "layers");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  spreadSubfolders(folder);
  const byId = new Map<string, Layer>();
  const byDiffId = new Map<string, Layer>();
  const holders = new Map<string, number>();
  const owned = new Map<string, readonly string[]>();
  const arriving = new Map<string, Promise<unknown>>();
  let turn: Promise<unknown> = Promise.resolve();
  records.view((tx) => {
    for (const { id, value } of tx.list(layerKind)) remember({ id, ...value });
    for (const { id, value } of tx.list(ownerKind)) owned.set(id, value.layers);
  });
  records.watch(ownerKind, ({ id, value }) => {
    if (value === undefined) owned.delete(id);
    else owned.set(id, value.layers);
  });

  function remember(layer: Layer): void {
    byId.set(layer.id, layer);
    byDiffId.set(layer.diffId, layer);
  }

  function take(layer: Layer, isKnown: boolean): HeldLayer {
    holders.set(layer.id, (holders.get(layer.id) ?? 0) + 1);
    let isHeld = true;
    return {
      layer,
      isKnown,
      release: async () => {
        if (!isHeld) return;
        isHeld = false;
        const left = holders.get(layer.id)! - 1;
        if (left > 0) holders.set(layer.id, left);
        else {
          holders.delete(layer.id);
          await collect();
        }
      },
    };
  }

  /** One after the other: a layer that is deleted may be on its way in again, with the same archive. */
  function inTurn<R>(body: () => Promise<R>): Promise<R> {
    const result = turn.then(body);
    turn = result.catch(() => {});
    return result;
  }

  async function drain(archive: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const _ of archive);
  }

  async function unpack(archive: AsyncIterable<Uint8Array>, options: IngestOptions): Promise<HeldLayer> {
    const temporary = join(folder, `tmp-${randomBytes(8).toString("hex")}`);
    const tree = join(temporary, "fs");
    await mkdir(tree, { recursive: true });
    await chmod(tree, 0o755);
    const writer = await blobs.writer({ isHashed: true });
    try {
      let bytes = 0;
      const unpacked = await unpackTar(await decompress(archive), tree, {
        onChunk: (chunk) => {
          bytes += chunk.length;
          options.onProgress?.(bytes);
          return writer.write(chunk);
        },
        ...(options.signal && { signal: options.signal }),
      });
      const diffId = unpacked.digest;
      return await inTurn(async () => {
        const known = byDiffId.get(diffId);
        if (known !== undefined) return take(known, true);
        const id = randomBytes(5).toString("hex");
        const { size, archiveSize } = unpacked;
        await writer.commit({ digest: diffId });
        await rename(temporary, join(folder, id));
        records.update((tx) => tx.put(layerKind, id, { diffId, size, archiveSize }));
        remember({ id, diffId, size, archiveSize });
        return take(byId.get(id)!, false);
      });
    } finally {
      await writer.abort();
      await rm(temporary, { recursive: true, force: true });
    }
  }

  async function ingest(archive: AsyncIterable<Uint8Array>, options: IngestOptions = {}): Promise<HeldLayer> {
    const { diffId } = options;
    if (diffId === undefined) return unpack(archive, options);
    for (let other = arriving.get(diffId); other !== undefined; other = arriving.get(diffId)) await other;
    const known = byDiffId.get(diffId);
    if (known !== undefined) {
      const held = take(known, true);
      try {
        await drain(archive);
        return held;
      } catch (error) {
        await held.release();
        throw error;
      }
    }
    const unpacking = unpack(archive, options);
    const settled = unpacking.then(
      () => arriving.delete(diffId),
      () => arriving.delete(diffId),
    );
    arriving.set(diffId, settled);
    return unpacking;
  }

  async function collectNow(): Promise<void> {
    const held = new Set([...owned.values()].flat());
    const gone = [...byId.values()].filter((layer) => !held.has(layer.id) && !holders.has(layer.id));
    if (gone.length === 0) return;
    records.update((tx) => {
      for (const layer of gone) tx.delete(layerKind, layer.id);
    });
    for (const layer of gone) {
      byId.delete(layer.id);
      byDiffId.delete(layer.diffId);
    }
    for (const layer of gone) {
      await blobs.delete(layer.diffId);
      await rm(join(folder, layer.id), { recursive: true, force: true });
    }
  }

  const collect = (): Promise<void> => inTurn(collectNow);

  return {
    folder,
    get: (id) => byId.get(id),
    find: (diffId) => byDiffId.get(diffId),
    path: (id) => join(folder, id, "fs"),
    hold: (diffId) => {
      const layer = byDiffId.get(diffId);
      return layer && take(layer, true);
    },
    ingest,
    own: (tx, owner, layers) => tx.put(ownerKind, owner, { layers }),
    disown: (tx, owner) => {
      tx.delete(ownerKind, owner);
    },
    owners: () => [...owned].map(([owner, layers]) => ({ owner, layers })),
    collect,
    reconcile: async () => {
      await collect();
      for (const name of await readdir(folder)) {
        if (byId.has(name) || name.startsWith("init-")) continue;
        deps.log.info("deleting a half-made layer", { layer: name });
        await rm(join(folder, name), { recursive: true, force: true });
      }
      await blobs.sweep();
      for await (const { digest } of blobs.list()) {
        if (!byDiffId.has(digest)) await blobs.delete(digest);
      }
    },
  };
}
