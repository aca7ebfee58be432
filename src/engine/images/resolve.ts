import { notFound } from "../../base/errors.ts";
import { familiarString, parseAnyReference, withDefaultTag } from "../../wire/docker/references.ts";
import type { Catalog, CatalogImage } from "./catalog.ts";

/**
 * Finds an image as Docker does: a whole id or digest of a config, else a name (with `latest` where no tag is given),
 * else a unique prefix of an id. Errors: invalid for what is no reference, not-found `No such image: NAME`.
 */
export function findImage(catalog: Catalog, text: string): CatalogImage {
  const reference = parseAnyReference(text);
  if (!("path" in reference)) {
    const image = catalog.get(reference.digest);
    if (image === undefined) throw notFound(`No such image: ${reference.digest}`);
    return image;
  }
  const name = withDefaultTag(reference);
  const { domain, path, digest } = name;
  // With a digest the tag says nothing more.
  const id = catalog.lookup(digest === undefined ? name : { domain, path, digest });
  const image = id === undefined ? catalog.search(text) : catalog.get(id);
  if (image !== undefined) return image;
  throw notFound(`No such image: ${familiarString(name)}`);
}
