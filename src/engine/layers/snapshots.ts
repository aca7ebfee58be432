import { chmodSync, chownSync, mkdirSync, rmSync, statSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { conflict, notFound } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { isMountPoint, mountOverlay, unmountOverlay } from "../../host/overlay.ts";
import { spreadSubfolders } from "../../host/spread.ts";
import { type Records, recordKind } from "../../storage/records/index.ts";
import { diskUsage } from "./disk-usage.ts";
import { initLayer } from "./init-layer.ts";
import type { Layers } from "./layer-store.ts";
import type { Snapshot, Snapshots } from "./layers.ts";

/** What snapshots need. On disk: `<dataRoot>/snapshots/<id>/{upper,work}`, mounted at `<execRoot>/mounts/<id>`. */
export interface SnapshotDeps {
  readonly records: Records;
  readonly layers: Layers;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly log: Logger;
}

interface SnapshotRecord {
  /** Lowest first. */
  readonly layers: readonly string[];
  /** The init layer's folder, relative to that of the layers. */
  readonly init: string;
}

const snapshotKind = recordKind<SnapshotRecord>("snapshot");

// Docker's bound, which also keeps the options of mount(2) within a page.
const mostLayers = 125;

const mostInits = 1000;

const ownerOf = (id: string): string => `snapshot:${id}`;

/** Highest first; a layer that comes twice counts where it is highest, which is the same tree, as overlayfs takes each once. */
function highestFirst(layers: readonly string[]): string[] {
  return [...new Set([...layers].reverse())];
}

/** Opens the snapshots of this engine. */
export async function openSnapshots(deps: SnapshotDeps): Promise<Snapshots> {
  const { records, layers, log } = deps;
  const folder = join(deps.dataRoot, "snapshots");
  const mounts = join(deps.execRoot, "mounts");
  for (const path of [folder, mounts]) mkdirSync(path, { recursive: true, mode: 0o700 });
  spreadSubfolders(folder);
  const known = new Map<string, SnapshotRecord>();
  for (const { id, value } of records.view((tx) => tx.list(snapshotKind))) known.set(id, value);
  /** Init layers by the layers that they are for. */
  const inits = new Map<string, string>();

  const relativeLower = (record: SnapshotRecord): string[] => [
    record.init,
    ...highestFirst(record.layers).map((id) => `${id}/fs`),
  ];
  const shown = (id: string, record: SnapshotRecord): Snapshot => ({
    id,
    mountPoint: join(mounts, id),
    upperDir: join(folder, id, "upper"),
    workDir: join(folder, id, "work"),
    lowerDirs: relativeLower(record).map((path) => join(layers.folder, path)),
  });
  const initOf = (chain: readonly string[]): string => {
    const key = chain.join(":");
    let init = inits.get(key);
    if (init === undefined) {
      init = initLayer(
        layers.folder,
        highestFirst(chain).map((id) => layers.path(id)),
      );
      if (inits.size >= mostInits) inits.clear();
      inits.set(key, init);
    }
    return init;
  };
  const forget = (id: string): void => {
    records.update((tx) => {
      tx.delete(snapshotKind, id);
      layers.disown(tx, ownerOf(id));
    });
    known.delete(id);
  };
  const mustGet = (id: string): Snapshot => {
    const record = known.get(id);
    if (record === undefined) throw notFound(`snapshot ${id} not found`);
    return shown(id, record);
  };
  const remove = async (id: string): Promise<void> => {
    const mountPoint = join(mounts, id);
    await unmountOverlay(mountPoint);
    const isKnown = known.has(id);
    if (isKnown) forget(id);
    rmSync(mountPoint, { recursive: true, force: true });
    await rm(join(folder, id), { recursive: true, force: true });
    if (isKnown) await layers.collect();
  };

  return {
    create: async (id, chain) => {
      if (known.has(id)) throw conflict(`snapshot ${id} exists already`);
      for (const layer of chain) if (layers.get(layer) === undefined) throw notFound(`layer ${layer} not found`);
      if (chain.length > mostLayers) throw conflict("max depth exceeded");
      const record: SnapshotRecord = { layers: chain, init: initOf(chain) };
      const snapshot = shown(id, record);
      // The record first: folders without a record are swept, and a record without folders can be removed.
      records.update((tx) => {
        tx.put(snapshotKind, id, record);
        layers.own(tx, ownerOf(id), chain);
      });
      known.set(id, record);
      try {
        mkdirSync(join(folder, id), { mode: 0o700 });
        mkdirSync(snapshot.upperDir);
        mkdirSync(snapshot.workDir, { mode: 0o700 });
        // Synchronous on purpose: four calls of some 10 µs, where a round through the thread pool takes more.
        const top = chain.at(-1);
        const root = top === undefined ? { mode: 0o755, uid: 0, gid: 0 } : statSync(layers.path(top));
        chmodSync(snapshot.upperDir, root.mode & 0o7777);
        if (root.uid !== 0 || root.gid !== 0) chownSync(snapshot.upperDir, root.uid, root.gid);
        mkdirSync(snapshot.mountPoint, { recursive: true, mode: 0o700 });
      } catch (error) {
        await remove(id).catch((failure: unknown) => log.warn("cannot undo a snapshot", { id, error: failure }));
        throw error;
      }
      return snapshot;
    },
    get: (id) => {
      const record = known.get(id);
      return record && shown(id, record);
    },
    mount: async (id, options) => {
      const snapshot = mustGet(id);
      // The folder for run-time state does not outlive a reboot.
      mkdirSync(snapshot.mountPoint, { recursive: true, mode: 0o700 });
      if (isMountPoint(snapshot.mountPoint)) return snapshot;
      mountOverlay({
        base: layers.folder,
        lower: relativeLower(known.get(id)!),
        upper: snapshot.upperDir,
        work: snapshot.workDir,
        target: snapshot.mountPoint,
        isVolatile: options.isVolatile,
      });
      return snapshot;
    },
    unmount: (id) => unmountOverlay(join(mounts, id)),
    remove,
    size: (id) => diskUsage(mustGet(id).upperDir),
    virtualSize: async (id) => {
      const own = await diskUsage(mustGet(id).upperDir);
      return known.get(id)!.layers.reduce((sum, layer) => sum + (layers.get(layer)?.size ?? 0), own);
    },
    reconcile: async (keep, running) => {
      for (const id of known.keys()) {
        if (!keep.has(id)) await remove(id);
        else if (!running.has(id)) await unmountOverlay(join(mounts, id));
      }
      for (const place of [mounts, folder]) {
        for (const id of await readdir(place)) {
          if (known.has(id)) continue;
          log.info("deleting what is left of a snapshot", { id });
          await remove(id);
        }
      }
    },
  };
}
