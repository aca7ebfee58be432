/**
 * What an image is: an immutable config and a chain of layers, found by digest, by a unique prefix of it, or by
 * `name[:tag]`. Layers are unpacked once and shared.
 */
import type { Readable } from "node:stream";
import type { ImagesPruned } from "../../wire/docker/disk-usage.ts";
import type {
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImageSummary,
  ProgressMessage,
} from "../../wire/docker/images.ts";
import type { ExecutionConfig, ImageConfig } from "../../wire/oci/image-spec.ts";

/** An image that is here. */
export interface Image {
  /** `sha256:` and the digest of the config. */
  readonly id: string;
  readonly config: ImageConfig;
  /** Ids of the unpacked layers, lowest first, as `engine/layers` takes them. */
  readonly layers: readonly string[];
  /** `busybox:latest`, in the familiar form that Docker shows. */
  readonly tags: readonly string[];
}

/** How `docker import` describes the image to make. */
export interface ImportOptions {
  readonly repository?: string;
  readonly tag?: string;
  readonly message?: string;
  /** Dockerfile instructions (`CMD …`, `ENV …`), as `--change` takes them. */
  readonly changes?: readonly string[];
  readonly platform?: string;
  readonly signal?: AbortSignal;
}

/** What a committed image is made of besides its layer. */
export interface CommitOptions {
  /** The image that it is made upon. */
  readonly parent: string;
  readonly config: ExecutionConfig;
  readonly changes: readonly string[];
  readonly repository: string;
  readonly tag: string;
  readonly author: string;
  readonly comment: string;
  /** The command of the container. */
  readonly createdBy: string;
}

/** Filters of the list: `{ reference: ["bb*"], dangling: ["true"] }`. */
export type ImageFilters = Readonly<Record<string, readonly string[]>>;

/** All images of this engine. */
export interface Images extends AsyncDisposable {
  /** Errors: not-found `No such image: NAME` (with the tag where none was given), invalid `invalid reference format`. */
  resolve(reference: string): Image;
  list(options: { all: boolean; filters: ImageFilters; sharedSize: boolean }): Promise<ImageSummary[]>;
  inspect(reference: string): Promise<ImageInspect>;
  history(reference: string): ImageHistoryItem[];
  /** Errors: not-found, invalid. */
  tag(reference: string, repository: string, tag: string): Promise<void>;
  /**
   * Untags, and deletes when the last name goes. Errors: conflict with Docker's text when a container uses it.
   * `usedBy` tells which containers use an image id.
   */
  remove(reference: string, options: { force: boolean; prune: boolean }): Promise<ImageDeleteItem[]>;
  /** Removes what no container uses. Errors: invalid with Docker's texts. */
  prune(filters: ImageFilters): Promise<ImagesPruned>;
  /** Bytes of all layers of images, each once. */
  layersSize(): number;
  /** Reads `docker save` archives and OCI layouts (also gzip, zstd, xz); yields progress as Docker's load does. */
  load(archive: Readable, options: { quiet: boolean; signal?: AbortSignal }): AsyncIterable<ProgressMessage>;
  /** Makes an image of one layer from a tar of a file system; gives its id. */
  importArchive(archive: Readable, options: ImportOptions): Promise<string>;
  /** Makes an image of another one and one more layer, a tar; gives its id. */
  commit(layer: Readable, options: CommitOptions): Promise<string>;
  /** A tar that {@link load} and `docker load` read: docker-archive and OCI layout in one. */
  save(references: readonly string[]): Promise<Readable>;
  /**
   * Makes a base image from this machine's own Debian packages: `busybox` or `debian:12`. Yields progress.
   * Errors: invalid for a name it cannot make, internal when the tool fails.
   */
  bootstrap(name: string, options: { signal?: AbortSignal }): AsyncIterable<ProgressMessage>;
  /** After a start: removes half-made layers and blobs that nothing points at. */
  reconcile(): Promise<void>;
}

/** Which containers use an image, asked before one is removed or listed; given by the composition root. */
export type ImageUsers = (imageId: string) => readonly { readonly id: string; readonly running: boolean }[];
