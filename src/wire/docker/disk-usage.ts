/** Shapes of the Docker Engine API 1.51 that concern disk space: how much is taken, and what pruning gave back. */
import type { ContainerSummary } from "./containers.ts";
import type { ImageDeleteItem, ImageSummary } from "./images.ts";

/** Answer of `POST /containers/prune`. Bytes. */
export interface ContainersPruned {
  ContainersDeleted: string[] | null;
  SpaceReclaimed: number;
}

/** Answer of `POST /images/prune`. Bytes. */
export interface ImagesPruned {
  ImagesDeleted: ImageDeleteItem[] | null;
  SpaceReclaimed: number;
}

/** A kind of thing that takes space. */
export type DiskUsageKind = "container" | "image" | "volume" | "build-cache";

/** What `GET /system/df` says of a volume's space; sizes are -1 where not computed. */
export interface VolumeUsage {
  Name: string;
  UsageData?: { RefCount: number; Size: number };
}

/** Answer of `GET /system/df`. Null stands for what was not asked for. Bytes. */
export interface DiskUsage {
  LayersSize: number;
  Images: ImageSummary[] | null;
  Containers: ContainerSummary[] | null;
  Volumes: VolumeUsage[] | null;
  BuildCache: never[] | null;
}
