import { digestOf } from "../../base/digests.ts";
import { dockerVersion } from "../../wire/docker/api-version.ts";
import { familiarString, taggedReference } from "../../wire/docker/references.ts";
import type { ExecutionConfig, ImageConfig } from "../../wire/oci/image-spec.ts";
import { applyChanges } from "./changes.ts";
import type { ImageDeps } from "./deps.ts";
import type { CommitOptions } from "./images.ts";
import { findImage } from "./resolve.ts";

/** A new entrypoint is not to get the arguments of the old one, as in Docker. */
function withoutOldCommand(config: ExecutionConfig, changes: readonly string[]): ExecutionConfig {
  const sets = (name: string): boolean => changes.some((change) => new RegExp(`^\\s*${name}\\b`, "i").test(change));
  return sets("ENTRYPOINT") && !sets("CMD") ? { ...config, Cmd: null } : config;
}

/**
 * Makes an image of another one and a layer on top of it; gives its id. Errors: not-found when the parent is gone,
 * invalid with Docker's texts, internal for a full disk.
 */
export async function commitImage(
  deps: ImageDeps,
  layer: AsyncIterable<Uint8Array>,
  options: CommitOptions,
): Promise<string> {
  const parent = findImage(deps.catalog, options.parent);
  const name = taggedReference(options.repository, options.tag);
  const changed = applyChanges(withoutOldCommand(options.config, options.changes), options.changes);
  const held = await deps.layers.ingest(layer);
  try {
    const created = new Date().toISOString();
    const said = {
      ...(options.author !== "" && { author: options.author }),
      ...(options.comment !== "" && { comment: options.comment }),
    };
    const config: ImageConfig = {
      ...parent.config,
      ...said,
      config: changed,
      created,
      docker_version: dockerVersion,
      history: [...(parent.config.history ?? []), { created, created_by: options.createdBy, ...said }],
      rootfs: { type: "layers", diff_ids: [...parent.config.rootfs.diff_ids, held.layer.diffId] },
    };
    const configText = JSON.stringify(config);
    const id = digestOf(configText);
    const layers = [...parent.layers, held.layer.id];
    const tagTime = name === undefined ? {} : { lastTagTime: new Date().toISOString() };
    const image = deps.catalog.add({ id, configText, layers, parent: parent.id, ...tagTime }, name ? [name] : []);
    if (name !== undefined) deps.onEvent("tag", id, deps.attributes(image, familiarString(name)));
    return id;
  } finally {
    await held.release();
  }
}
