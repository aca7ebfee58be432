import { Readable } from "node:stream";
import { digestHex, digestOf } from "../../base/digests.ts";
import { notFound } from "../../base/errors.ts";
import { encodeHeader, padding } from "../../host/tar/index.ts";
import {
  canonicalString,
  familiarName,
  familiarString,
  parseAnyReference,
  type Reference,
  repositoryOf,
} from "../../wire/docker/references.ts";
import type { Descriptor, Manifest } from "../../wire/oci/image-spec.ts";
import type { HeldLayer, Layer } from "../layers/index.ts";
import type { CatalogImage } from "./catalog.ts";
import type { ImageDeps } from "./deps.ts";

interface Chosen {
  readonly image: CatalogImage;
  readonly names: Reference[];
}

/** Which images are meant, and by which names: a repository alone means all its tags. */
function choose(deps: ImageDeps, references: readonly string[]): Chosen[] {
  const chosen = new Map<string, Chosen>();
  const add = (id: string | undefined, name: Reference | undefined, shown: string): void => {
    const image = id === undefined ? undefined : deps.catalog.get(id);
    if (image === undefined) throw notFound(`No such image: ${shown}`);
    const entry = chosen.get(image.id) ?? { image, names: [] };
    chosen.set(image.id, entry);
    const isNew = name !== undefined && !entry.names.some((one) => canonicalString(one) === canonicalString(name));
    if (isNew && name.tag !== undefined) entry.names.push(name);
  };
  for (const text of references) {
    const reference = parseAnyReference(text);
    if (!("path" in reference)) {
      add(reference.digest, undefined, reference.digest);
    } else if (familiarName(reference) === "sha256") {
      add(deps.catalog.search(text)?.id, undefined, text);
    } else if (reference.tag === undefined && reference.digest === undefined) {
      const named = deps.catalog.namesOfRepository(repositoryOf(reference));
      for (const { name, id } of named) add(id, name, text);
      if (named.length === 0) add(deps.catalog.search(text)?.id, undefined, text);
    } else {
      const { domain, path, digest } = reference;
      add(
        deps.catalog.lookup(digest === undefined ? reference : { domain, path, digest }),
        reference,
        familiarString(reference),
      );
    }
  }
  return [...chosen.values()];
}

const types = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

interface Document {
  readonly name: string;
  readonly data: Buffer;
}

const blobName = (digest: string): string => `blobs/sha256/${digestHex(digest)}`;

function layerDescriptor(layer: Layer): Descriptor {
  return { mediaType: types.layer, size: layer.archiveSize, digest: layer.diffId };
}

/** The documents that describe the chosen images, in both formats. */
function describe(chosen: readonly (Chosen & { layers: readonly Layer[] })[]): Document[] {
  const blobs = new Map<string, Document>();
  const keep = (data: Buffer): string => {
    const digest = digestOf(data);
    blobs.set(digest, { name: blobName(digest), data });
    return digest;
  };
  const index: Descriptor[] = [];
  const items: unknown[] = [];
  const repositories: Record<string, Record<string, string>> = {};
  for (const { image, names, layers } of chosen) {
    const config = Buffer.from(image.configText);
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: types.manifest,
      config: { mediaType: types.config, digest: keep(config), size: config.length },
      layers: layers.map(layerDescriptor),
    };
    const data = Buffer.from(JSON.stringify(manifest));
    const descriptor: Descriptor = { mediaType: types.manifest, digest: keep(data), size: data.length };
    const top = layers.at(-1);
    for (const name of names) {
      const annotations = {
        "io.containerd.image.name": canonicalString(name),
        "org.opencontainers.image.ref.name": name.tag ?? "",
      };
      index.push({ ...descriptor, annotations });
      if (top === undefined) continue;
      repositories[familiarName(name)] = {
        ...repositories[familiarName(name)],
        [name.tag ?? ""]: digestHex(top.diffId),
      };
    }
    if (names.length === 0) index.push(descriptor);
    items.push({
      Config: blobName(image.id),
      RepoTags: names.length === 0 ? null : names.map(familiarString),
      Layers: layers.map((layer) => blobName(layer.diffId)),
      LayerSources: Object.fromEntries(layers.map((layer) => [layer.diffId, layerDescriptor(layer)])),
    });
  }
  const json = (name: string, value: unknown): Document => ({ name, data: Buffer.from(JSON.stringify(value)) });
  const documents = [...blobs.values()];
  documents.push(json("index.json", { schemaVersion: 2, mediaType: types.index, manifests: index }));
  documents.push(json("manifest.json", items), json("oci-layout", { imageLayoutVersion: "1.0.0" }));
  if (Object.keys(repositories).length > 0) documents.push(json("repositories", repositories));
  return documents;
}

function* member(name: string, size: number): Generator<Buffer> {
  yield encodeHeader({ name, type: name.endsWith("/") ? "5" : "0", size, mode: name.endsWith("/") ? 0o755 : 0o644 });
}

/**
 * A tar of images in Docker's format, which is an OCI layout too; layers are the bytes that once came in. The layers
 * are held until the stream ends. Errors: not-found and invalid, before the first byte.
 */
export function saveImages(deps: ImageDeps, references: readonly string[]): Readable {
  const held: HeldLayer[] = [];
  const chosen = choose(deps, references).map((one) => {
    const layers = one.image.layers.map((id) => deps.layers.get(id)!);
    for (const layer of layers) held.push(deps.layers.hold(layer.diffId)!);
    return { ...one, layers };
  });
  async function* archive(): AsyncGenerator<Buffer> {
    yield* member("blobs/", 0);
    yield* member("blobs/sha256/", 0);
    for (const layer of new Map(chosen.flatMap((one) => one.layers).map((one) => [one.id, one])).values()) {
      yield* member(blobName(layer.diffId), layer.archiveSize);
      for await (const chunk of await deps.blobs.open(layer.diffId)) yield chunk as Buffer;
      yield Buffer.alloc(padding(layer.archiveSize));
    }
    for (const { name, data } of describe(chosen)) {
      yield* member(name, data.length);
      yield Buffer.concat([data, Buffer.alloc(padding(data.length))]);
    }
    yield Buffer.alloc(1024);
    for (const { image } of chosen) deps.onEvent("save", image.id, deps.attributes(image, image.id));
  }
  const stream = Readable.from(archive(), { objectMode: false, highWaterMark: 1 << 18 });
  // Not in the generator: one that is never started runs no finally.
  stream.once("close", () => {
    for (const layer of held) {
      layer.release().catch((error: unknown) => deps.log.error("releasing a layer failed", { error }));
    }
  });
  return stream;
}
