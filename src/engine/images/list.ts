import { chainIds } from "../../base/digests.ts";
import { invalid } from "../../base/errors.ts";
import type { ImageSummary } from "../../wire/docker/images.ts";
import { familiarName, familiarString, type Reference } from "../../wire/docker/references.ts";
import type { CatalogImage } from "./catalog.ts";
import type { ImageDeps } from "./deps.ts";
import { globToRegExp } from "./glob.ts";
import type { ImageFilters } from "./images.ts";
import { createdSeconds, imageSize } from "./inspect.ts";
import { matchesLabelFilters } from "./label-filter.ts";
import { findImage } from "./resolve.ts";
import { parseMoment } from "./time-filter.ts";

/** What to list. */
export interface ListOptions {
  /** Also images without a name that others are built upon. */
  readonly all: boolean;
  readonly filters: ImageFilters;
  readonly sharedSize: boolean;
}

const known = new Set(["dangling", "label", "label!", "before", "since", "reference", "until"]);

/** What `dangling` asks for; undefined for nothing. Errors: invalid with Docker's text. */
export function danglingFilter(values: readonly string[] | undefined): boolean | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const isTrue = values.some((value) => value === "1" || value === "true");
  const isFalse = values.some((value) => value === "0" || value === "false");
  if (isTrue === isFalse) throw invalid(`invalid filter 'dangling=[${values.join(" ")}]'`);
  return isTrue;
}

function createdMilliseconds(image: CatalogImage): number {
  const time = Date.parse(image.config.created ?? "");
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

/** Whether an image passes all filters but those of its names. */
function passes(deps: ImageDeps, filters: ImageFilters, now: number): (image: CatalogImage) => boolean {
  let before = Number.POSITIVE_INFINITY;
  let since = Number.NEGATIVE_INFINITY;
  for (const text of filters.before ?? [])
    before = Math.min(before, createdMilliseconds(findImage(deps.catalog, text)));
  for (const text of filters.until ?? []) before = Math.min(before, parseMoment(text, now));
  for (const text of filters.since ?? []) since = Math.max(since, createdMilliseconds(findImage(deps.catalog, text)));
  const hasSince = (filters.since ?? []).length > 0;
  return (image) => {
    const created = createdMilliseconds(image);
    if (created >= before || (hasSince && created <= since)) return false;
    return matchesLabelFilters(image.config.config?.Labels ?? {}, filters);
  };
}

function sharedSizes(deps: ImageDeps): (image: CatalogImage) => number {
  const uses = new Map<string, number>();
  for (const image of deps.catalog.all()) {
    for (const chain of chainIds(image.config.rootfs.diff_ids ?? [])) uses.set(chain, (uses.get(chain) ?? 0) + 1);
  }
  return (image) =>
    chainIds(image.config.rootfs.diff_ids ?? []).reduce((sum, chain, index) => {
      const isShared = (uses.get(chain) ?? 0) > 1;
      return sum + (isShared ? (deps.layers.get(image.layers[index]!)?.size ?? 0) : 0);
    }, 0);
}

/** The answer of `GET /images/json`, newest first. Errors: invalid for filters, not-found for images that they name. */
export function listImages(deps: ImageDeps, options: ListOptions): ImageSummary[] {
  const { filters } = options;
  for (const name of Object.keys(filters)) if (!known.has(name)) throw invalid(`invalid filter '${name}'`);
  const dangling = danglingFilter(filters.dangling);
  const isWanted = passes(deps, filters, Date.now());
  const patterns = (filters.reference ?? []).map(globToRegExp);
  const matches = (name: Reference): boolean =>
    patterns.length === 0 ||
    patterns.some((pattern) => pattern.test(familiarString(name)) || pattern.test(familiarName(name)));
  const sharedSize = options.sharedSize ? sharedSizes(deps) : () => -1;

  const summaries: ImageSummary[] = [];
  for (const image of deps.catalog.all()) {
    if (!isWanted(image)) continue;
    const names = deps.catalog.names(image.id).filter(matches);
    if (names.length === 0) {
      const isHidden = !options.all && deps.catalog.children(image.id).length > 0;
      if (isHidden || dangling === false || patterns.length > 0) continue;
    } else if (dangling === true && names.some((name) => name.tag !== undefined)) continue;
    summaries.push({
      Containers: deps.usedBy(image.id).length,
      Created: createdSeconds(image),
      Id: image.id,
      Labels: image.config.config?.Labels ?? null,
      ParentId: image.parent ?? "",
      RepoDigests: names.filter((name) => name.digest !== undefined).map(familiarString),
      RepoTags: names.filter((name) => name.digest === undefined).map(familiarString),
      SharedSize: sharedSize(image),
      Size: imageSize(deps, image),
    });
  }
  return summaries.sort((a, b) => b.Created - a.Created);
}
