import { join } from "node:path";
import type { Logger } from "../../base/logger.ts";
import type { Blobs } from "../../storage/blobs/index.ts";
import type { Records } from "../../storage/records/index.ts";
import { familiarString, taggedReference } from "../../wire/docker/references.ts";
import type { Layers } from "../layers/index.ts";
import { bootstrapImage } from "./bootstrap.ts";
import { openCatalog } from "./catalog.ts";
import { commitImage } from "./commit.ts";
import type { ImageAction, ImageDeps } from "./deps.ts";
import type { Images, ImageUsers } from "./images.ts";
import { importImage } from "./import.ts";
import { imageHistory, inspectImage, shownNames } from "./inspect.ts";
import { listImages } from "./list.ts";
import { loadImages } from "./load.ts";
import { pruneImages } from "./prune.ts";
import { removeImage } from "./remove.ts";
import { findImage } from "./resolve.ts";
import { saveImages } from "./save.ts";

/** What the images need from elsewhere. */
export interface OpenImagesDeps {
  readonly records: Records;
  readonly blobs: Blobs;
  readonly layers: Layers;
  /** Where base images made from packages are kept for the next time; `/var/cache/escale` by default. */
  readonly cacheFolder?: string;
  /** Which containers use an image. */
  readonly usedBy: ImageUsers;
  /** Told what happens to images, as Docker's events name it. */
  readonly onEvent: (action: ImageAction, id: string, attributes: Readonly<Record<string, string>>) => void;
  readonly log: Logger;
}

/** Opens the images of this engine. */
export async function openImages(deps: OpenImagesDeps): Promise<Images> {
  const { layers } = deps;
  const catalog = openCatalog(deps);
  const parts: ImageDeps & { cacheFolder: string } = {
    ...deps,
    catalog,
    cacheFolder: deps.cacheFolder ?? join("/var/cache", "escale"),
    attributes: (image, name) => ({ ...image.config.config?.Labels, name }),
  };
  return {
    resolve: (text) => {
      const image = findImage(catalog, text);
      const { tags } = shownNames(parts, image.id);
      return { id: image.id, config: image.config, layers: image.layers, tags };
    },
    list: async (options) => listImages(parts, options),
    inspect: async (text) => inspectImage(parts, findImage(catalog, text)),
    history: (text) => imageHistory(parts, findImage(catalog, text)),
    tag: async (text, repository, tag) => {
      const name = taggedReference(repository, tag);
      const image = findImage(catalog, text);
      if (name === undefined) return;
      catalog.tag(image.id, name);
      deps.onEvent("tag", image.id, parts.attributes(image, familiarString(name)));
    },
    remove: (text, options) => removeImage(parts, text, options),
    prune: (filters) => pruneImages(parts, filters),
    layersSize: () => {
      const ids = new Set([...catalog.all()].flatMap((image) => image.layers));
      return [...ids].reduce((sum, id) => sum + (layers.get(id)?.size ?? 0), 0);
    },
    load: (archive, options) => loadImages(parts, archive, options),
    importArchive: (archive, options) => importImage(parts, archive, options),
    commit: (layer, options) => commitImage(parts, layer, options),
    save: async (references) => saveImages(parts, references),
    bootstrap: (name, options) => bootstrapImage(parts, name, options),
    reconcile: async () => {
      for (const image of catalog.all()) {
        if (image.layers.every((id) => layers.get(id) !== undefined)) continue;
        deps.log.error("an image has lost a layer and is given up", { image: image.id });
        catalog.delete(image.id);
      }
      await layers.reconcile();
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
