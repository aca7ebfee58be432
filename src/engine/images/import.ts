import { digestOf } from "../../base/digests.ts";
import { dockerVersion } from "../../wire/docker/api-version.ts";
import { familiarString, type Reference, taggedReference } from "../../wire/docker/references.ts";
import type { ExecutionConfig, ImageConfig, Platform } from "../../wire/oci/image-spec.ts";
import { applyChanges } from "./changes.ts";
import type { ImageDeps } from "./deps.ts";
import type { ImportOptions } from "./images.ts";
import { parsePlatform } from "./platform.ts";

/** An image of one layer that is to be made. */
export interface NewImage {
  readonly names: readonly Reference[];
  readonly platform: Platform;
  readonly config: ExecutionConfig;
  /** RFC 3339. */
  readonly created: string;
  readonly comment: string;
  readonly signal?: AbortSignal;
}

/** Makes an image of the one layer `archive`; gives its id. Errors: invalid, internal for a full disk. */
export async function makeImage(
  deps: ImageDeps,
  archive: AsyncIterable<Uint8Array>,
  wanted: NewImage,
): Promise<string> {
  const { created, comment, platform } = wanted;
  const held = await deps.layers.ingest(archive, wanted.signal && { signal: wanted.signal });
  try {
    const config: ImageConfig = {
      architecture: platform.architecture,
      ...(platform.variant !== undefined && { variant: platform.variant }),
      comment,
      config: wanted.config,
      created,
      docker_version: dockerVersion,
      history: [{ created, comment }],
      os: platform.os,
      rootfs: { type: "layers", diff_ids: [held.layer.diffId] },
    };
    const configText = JSON.stringify(config);
    const id = digestOf(configText);
    const tagTime = wanted.names.length === 0 ? {} : { lastTagTime: new Date().toISOString() };
    const image = deps.catalog.add({ id, configText, layers: [held.layer.id], ...tagTime }, wanted.names);
    for (const name of wanted.names) deps.onEvent("tag", id, deps.attributes(image, familiarString(name)));
    deps.onEvent("import", id, deps.attributes(image, id));
    return id;
  } finally {
    await held.release();
  }
}

/** The verb of `docker import`; gives its id. Errors: invalid with Docker's texts, internal for a full disk. */
export async function importImage(
  deps: ImageDeps,
  archive: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<string> {
  const name = taggedReference(options.repository ?? "", options.tag ?? "");
  const platform = parsePlatform(options.platform ?? "");
  const config = applyChanges({}, options.changes ?? []);
  const comment = options.message || "Imported from -";
  return makeImage(deps, archive, {
    names: name === undefined ? [] : [name],
    platform,
    config,
    created: new Date().toISOString(),
    comment,
    ...(options.signal && { signal: options.signal }),
  });
}
