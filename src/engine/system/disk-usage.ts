import type { ContainerSummary } from "../../wire/docker/containers.ts";
import type { DiskUsage, DiskUsageKind } from "../../wire/docker/disk-usage.ts";
import type { ImageSummary } from "../../wire/docker/images.ts";

/** Where the parts of the answer come from. */
export interface DiskUsageSources {
  images(): Promise<ImageSummary[]>;
  /** With their sizes. */
  containers(): Promise<ContainerSummary[]>;
  /** Bytes of all layers of images, each once. */
  layersSize(): number;
}

/** How much space things of these kinds take. Source: SystemDataUsage. There are no volumes and no build cache yet. */
export async function diskUsage(sources: DiskUsageSources, kinds: ReadonlySet<DiskUsageKind>): Promise<DiskUsage> {
  const [images, containers] = await Promise.all([
    kinds.has("image") ? sources.images() : null,
    kinds.has("container") ? sources.containers() : null,
  ]);
  return {
    LayersSize: kinds.has("image") ? sources.layersSize() : 0,
    Images: images,
    Containers: containers,
    Volumes: kinds.has("volume") ? [] : null,
    BuildCache: kinds.has("build-cache") ? [] : null,
  };
}
