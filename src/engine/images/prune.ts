import { invalid } from "../../base/errors.ts";
import type { ImagesPruned } from "../../wire/docker/disk-usage.ts";
import type { ImageDeleteItem } from "../../wire/docker/images.ts";
import { familiarString } from "../../wire/docker/references.ts";
import type { CatalogImage } from "./catalog.ts";
import type { ImageDeps } from "./deps.ts";
import type { ImageFilters } from "./images.ts";
import { matchesLabelFilters } from "./label-filter.ts";
import { danglingFilter } from "./list.ts";
import { removeImage } from "./remove.ts";
import { parseMoment } from "./time-filter.ts";

function isUnused(deps: ImageDeps, image: CatalogImage): boolean {
  return deps.usedBy(image.id).length === 0 && deps.catalog.children(image.id).length === 0;
}

/** Bytes of those of `layers` that are not there any more. */
function goneBytes(deps: ImageDeps, layers: ReadonlyMap<string, number>): number {
  return [...layers].reduce((sum, [id, size]) => sum + (deps.layers.get(id) === undefined ? size : 0), 0);
}

async function removeAll(deps: ImageDeps, image: CatalogImage): Promise<ImageDeleteItem[]> {
  const names = deps.catalog.names(image.id).map(familiarString);
  const removed: ImageDeleteItem[] = [];
  for (const reference of names.length === 0 ? [image.id] : names) {
    removed.push(...(await removeImage(deps, reference, { force: false, prune: true })));
  }
  return removed;
}

/**
 * Removes images that no container uses: those without a name, or with `dangling=false` all. Filters `until`, `label`
 * and `label!` narrow it down. Source: ImagePrune. Errors: invalid with Docker's texts.
 */
export async function pruneImages(deps: ImageDeps, filters: ImageFilters): Promise<ImagesPruned> {
  const isDanglingOnly = danglingFilter(filters.dangling) ?? true;
  const until = filters.until ?? [];
  if (until.length > 1) throw invalid("more than one until filter specified");
  const limit = until[0] === undefined ? Number.POSITIVE_INFINITY : parseMoment(until[0], Date.now());
  const deleted: ImageDeleteItem[] = [];
  const layers = new Map<string, number>();
  for (const image of [...deps.catalog.all()]) {
    if (deps.catalog.get(image.id) === undefined || !isUnused(deps, image)) continue;
    if (isDanglingOnly && deps.catalog.names(image.id).length > 0) continue;
    if (Date.parse(image.config.created ?? "") > limit) continue;
    if (!matchesLabelFilters(image.config.config?.Labels ?? {}, filters)) continue;
    for (const id of image.layers) layers.set(id, deps.layers.get(id)?.size ?? 0);
    try {
      deleted.push(...(await removeAll(deps, image)));
    } catch (error) {
      deps.log.warn("an image cannot be pruned", { image: image.id, error });
    }
  }
  const reclaimed = goneBytes(deps, layers);
  deps.onEvent("prune", "", { reclaimed: String(reclaimed) });
  return { ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed };
}
