import type { Logger } from "../../base/logger.ts";
import type { Blobs } from "../../storage/blobs/index.ts";
import type { Layers } from "../layers/index.ts";
import type { Catalog, CatalogImage } from "./catalog.ts";
import type { ImageUsers } from "./images.ts";

/** What happens to images, as Docker's events name it. */
export type ImageAction = "load" | "import" | "save" | "tag" | "untag" | "delete" | "prune";

/** What the verbs of this noun work with. */
export interface ImageDeps {
  readonly catalog: Catalog;
  readonly layers: Layers;
  readonly blobs: Blobs;
  /** Which containers use an image. */
  readonly usedBy: ImageUsers;
  readonly onEvent: (action: ImageAction, id: string, attributes: Readonly<Record<string, string>>) => void;
  /** An event's attributes: the image's labels, and the name by which it happened. */
  readonly attributes: (image: CatalogImage, name: string) => Record<string, string>;
  readonly log: Logger;
}
