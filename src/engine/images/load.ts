import { Readable } from "node:stream";
import { digestOf } from "../../base/digests.ts";
import { EscaleError, invalid, messageOf, notFound } from "../../base/errors.ts";
import type { ProgressMessage } from "../../wire/docker/images.ts";
import { familiarString } from "../../wire/docker/references.ts";
import type { ImageConfig } from "../../wire/oci/image-spec.ts";
import type { HeldLayer, Layer } from "../layers/index.ts";
import { type ArchiveContent, readArchive } from "./archive-content.ts";
import { type ArchivedImage, documentOf, imagesIn } from "./archive-index.ts";
import type { CatalogImage } from "./catalog.ts";
import type { ImageDeps } from "./deps.ts";
import { failureMessage, ProgressFeed, progressMessage } from "./progress.ts";

/** How to load. */
export interface LoadOptions {
  readonly quiet: boolean;
  readonly signal?: AbortSignal;
}

type Tell = (message: ProgressMessage) => void;

// Docker's steps: half a mebibyte, or a hundredth of a large layer.
function stepped(tell: Tell): (layer: string, current: number, total: number) => void {
  let last = 0;
  let of = "";
  return (layer, current, total) => {
    if (layer !== of) [of, last] = [layer, Number.NEGATIVE_INFINITY];
    if (current < total && current - last < Math.max(1 << 19, total / 100)) return;
    if (current === last) return;
    last = current;
    tell(progressMessage("Loading layer", layer, current, total));
  };
}

async function layerOf(
  deps: ImageDeps,
  content: ArchiveContent,
  name: string,
  held: HeldLayer[],
  signal: AbortSignal,
): Promise<Layer> {
  const member = content.find(name);
  if (member === undefined) throw notFound(`open ${name}: no such file or directory`);
  if (member.kind === "failed") throw member.error;
  if (member.kind === "layer") return member.held.layer;
  // What did not look like an archive: an empty one, or none at all.
  const layer = await deps.layers.ingest(Readable.from([member.data], { objectMode: false }), { signal });
  held.push(layer);
  return layer.layer;
}

async function takeImage(
  deps: ImageDeps,
  content: ArchiveContent,
  archived: ArchivedImage,
  held: HeldLayer[],
  options: { signal: AbortSignal; tell: Tell },
): Promise<CatalogImage> {
  const bytes = documentOf(content, archived.configName);
  const configText = bytes.toString("utf8");
  if (!bytes.equals(Buffer.from(configText))) throw invalid("invalid image config: it is not UTF-8");
  let config: ImageConfig;
  try {
    config = JSON.parse(configText) as ImageConfig;
  } catch (error) {
    throw invalid(`invalid image config: ${messageOf(error)}`, { cause: error });
  }
  if (config?.rootfs === undefined) throw invalid("invalid image JSON, no RootFS key");
  if (config.os === "windows") throw invalid("cannot load windows image on linux");
  const diffIds = config.rootfs.diff_ids ?? [];
  if (diffIds.length !== archived.layerNames.length) {
    const [expected, got] = [archived.layerNames.length, diffIds.length];
    throw invalid(`invalid manifest, layers length mismatch: expected ${expected}, got ${got}`);
  }
  const layers: string[] = [];
  for (const [index, name] of archived.layerNames.entries()) {
    const layer = await layerOf(deps, content, name, held, options.signal);
    if (layer.diffId !== diffIds[index]) {
      throw invalid(`invalid diffID for layer ${index}: expected "${diffIds[index]}", got "${layer.diffId}"`);
    }
    layers.push(layer.id);
  }
  const id = digestOf(configText);
  for (const name of archived.names) {
    const before = deps.catalog.lookup(name);
    if (before === undefined || before === id) continue;
    const text = `The image ${familiarString(name)} already exists, renaming the old one with ID ${before} to empty string\n`;
    options.tell({ stream: text });
  }
  const image = deps.catalog.add({ id, configText, layers }, archived.names);
  for (const name of archived.names) options.tell({ stream: `Loaded image: ${familiarString(name)}\n` });
  deps.onEvent("load", id, deps.attributes(image, id));
  return image;
}

async function load(
  deps: ImageDeps,
  archive: AsyncIterable<Uint8Array>,
  options: { quiet: boolean; signal: AbortSignal; tell: Tell },
): Promise<void> {
  const held: HeldLayer[] = [];
  try {
    const { signal, tell } = options;
    const content = await readArchive(deps.layers, archive, held, {
      signal,
      ...(!options.quiet && { onProgress: stepped(tell) }),
    });
    const images = imagesIn(content);
    // The same image under several names is one.
    const ids: string[] = [];
    for (const archived of images) ids.push((await takeImage(deps, content, archived, held, { signal, tell })).id);
    if (images.every((image) => image.names.length === 0)) {
      for (const id of new Set(ids)) tell({ stream: `Loaded image ID: ${id}\n` });
    }
  } finally {
    for (const layer of held) await layer.release();
  }
}

/**
 * Reads an archive and yields what Docker's load tells, an error as the last message. An image appears with all its
 * names at once or not at all; a reader that leaves ends the work.
 */
export async function* loadImages(
  deps: ImageDeps,
  archive: AsyncIterable<Uint8Array>,
  options: LoadOptions,
): AsyncGenerator<ProgressMessage, void, void> {
  const leave = new AbortController();
  const signal = options.signal === undefined ? leave.signal : AbortSignal.any([options.signal, leave.signal]);
  const feed = new ProgressFeed();
  const work = load(deps, archive, { quiet: options.quiet, signal, tell: (message) => feed.push(message) })
    .catch((error: unknown) => {
      if (!(error instanceof EscaleError)) deps.log.error("loading an image failed", { error });
      feed.push(failureMessage(messageOf(error)));
    })
    .finally(() => feed.end());
  try {
    yield* feed;
  } finally {
    leave.abort();
    await work;
  }
}
