/** Layers: unpacked read-only trees, and snapshots, the writable trees over them. Entry point of the noun. */
export {
  type HeldLayer,
  type IngestOptions,
  type Layer,
  type LayerDeps,
  type Layers,
  openLayers,
} from "./layer-store.ts";
export type { Snapshot, Snapshots } from "./layers.ts";
export { openSnapshots, type SnapshotDeps } from "./snapshots.ts";
