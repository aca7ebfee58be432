/** Which images are here and what they are called: kept in memory, written through to the records. */
import { conflict } from "../../base/errors.ts";
import { type Records, recordKind, type WriteTransaction } from "../../storage/records/index.ts";
import { canonicalString, parseReference, type Reference, repositoryOf } from "../../wire/docker/references.ts";
import type { ImageConfig } from "../../wire/oci/image-spec.ts";
import type { Layers } from "../layers/index.ts";

/** An image as it is kept. */
export interface CatalogImage {
  readonly id: string;
  /** The config's bytes, which the id is the digest of. */
  readonly configText: string;
  readonly config: ImageConfig;
  /** Ids of its layers, lowest first. */
  readonly layers: readonly string[];
  /** The image that it was built upon here. */
  readonly parent?: string;
  /** RFC 3339. */
  readonly lastTagTime?: string;
}

/** All images and names. */
export interface Catalog {
  get(id: string): CatalogImage | undefined;
  all(): CatalogImage[];
  children(id: string): CatalogImage[];
  /** Names of an image, sorted. */
  names(id: string): readonly Reference[];
  /** The id of the image that a name means. */
  lookup(name: Reference): string | undefined;
  /** The one image whose id starts so (`sha256:` may be left out); undefined for none or several. */
  search(prefix: string): CatalogImage | undefined;
  /** Adds an image unless it is here, and gives it names, taking them from others: all at once. */
  add(image: Omit<CatalogImage, "config">, names: readonly Reference[]): CatalogImage;
  /** All names in a repository (`docker.io/library/busybox`), sorted, with the images that they mean. */
  namesOfRepository(repository: string): { readonly name: Reference; readonly id: string }[];
  tag(id: string, name: Reference): void;
  untag(names: readonly Reference[]): void;
  /** Deletes an image with all its names. */
  delete(id: string): void;
}

type ImageRecord = Omit<CatalogImage, "id" | "config">;

const imageKind = recordKind<ImageRecord>("image");
const nameKind = recordKind<{ image: string }>("image-name");

const ownerOf = (id: string): string => `image:${id}`;

function byCanonical(a: Reference, b: Reference): number {
  return canonicalString(a) < canonicalString(b) ? -1 : 1;
}

/** Reads all images from the records. */
export function openCatalog(deps: { readonly records: Records; readonly layers: Layers }): Catalog {
  const { records, layers } = deps;
  const images = new Map<string, CatalogImage>();
  const targets = new Map<string, string>();
  const namesOf = new Map<string, Map<string, Reference>>();

  const remember = (id: string, record: ImageRecord): CatalogImage => {
    const image = { id, ...record, config: JSON.parse(record.configText) as ImageConfig };
    images.set(id, image);
    return image;
  };
  const unname = (canonical: string): void => {
    const id = targets.get(canonical);
    if (id === undefined) return;
    targets.delete(canonical);
    namesOf.get(id)?.delete(canonical);
  };
  const name = (id: string, canonical: string): void => {
    unname(canonical);
    targets.set(canonical, id);
    const names = namesOf.get(id) ?? new Map<string, Reference>();
    namesOf.set(id, names.set(canonical, parseReference(canonical)));
  };
  const recordOf = ({ id: _, config: __, ...record }: CatalogImage): ImageRecord => record;
  const names = (id: string): Reference[] => [...(namesOf.get(id)?.values() ?? [])].sort(byCanonical);

  records.view((tx) => {
    for (const { id, value } of tx.list(imageKind)) remember(id, value);
    for (const { id, value } of tx.list(nameKind)) name(value.image, id);
  });

  const put = (tx: WriteTransaction, image: CatalogImage, added: readonly string[]): void => {
    tx.put(imageKind, image.id, recordOf(image));
    layers.own(tx, ownerOf(image.id), image.layers);
    for (const canonical of added) tx.put(nameKind, canonical, { image: image.id });
  };

  return {
    get: (id) => images.get(id),
    all: () => [...images.values()],
    children: (id) => [...images.values()].filter((image) => image.parent === id),
    names,
    lookup: (reference) => targets.get(canonicalString(reference)),
    namesOfRepository: (repository) =>
      [...targets]
        .map(([canonical, id]) => ({ name: parseReference(canonical), id }))
        .filter(({ name }) => repositoryOf(name) === repository)
        .sort((a, b) => byCanonical(a.name, b.name)),
    search: (prefix) => {
      const digits = prefix.startsWith("sha256:") ? prefix.slice(7) : prefix;
      if (!/^[0-9a-f]+$/.test(digits)) return undefined;
      let found: CatalogImage | undefined;
      for (const image of images.values()) {
        if (!image.id.startsWith(digits, 7)) continue;
        if (found !== undefined) return undefined;
        found = image;
      }
      return found;
    },
    add: (image, added) => {
      const canonical = added.map(canonicalString);
      const known = images.get(image.id);
      const lastTagTime = known?.lastTagTime ?? image.lastTagTime;
      const entry: CatalogImage = {
        ...(known ?? { ...image, config: JSON.parse(image.configText) as ImageConfig }),
        ...(lastTagTime !== undefined && { lastTagTime }),
      };
      records.update((tx) => put(tx, entry, canonical));
      images.set(entry.id, entry);
      for (const one of canonical) name(entry.id, one);
      return entry;
    },
    tag: (id, reference) => {
      const image = images.get(id);
      if (image === undefined) throw conflict(`image ${id} is gone`);
      const canonical = canonicalString(reference);
      const tagged = { ...image, lastTagTime: new Date().toISOString() };
      records.update((tx) => put(tx, tagged, [canonical]));
      images.set(id, tagged);
      name(id, canonical);
    },
    untag: (references) => {
      const canonical = references.map(canonicalString);
      records.update((tx) => {
        for (const one of canonical) tx.delete(nameKind, one);
      });
      for (const one of canonical) unname(one);
    },
    delete: (id) => {
      const canonical = names(id).map(canonicalString);
      records.update((tx) => {
        tx.delete(imageKind, id);
        layers.disown(tx, ownerOf(id));
        for (const one of canonical) tx.delete(nameKind, one);
      });
      for (const one of canonical) unname(one);
      images.delete(id);
      namesOf.delete(id);
    },
  };
}
