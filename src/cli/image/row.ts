/** Images in a list: a row for each of an image's names, and what templates may ask of it. */
import { humanDuration } from "../../base/durations.ts";
import { shortId } from "../../base/ids.ts";
import { humanSize } from "../../base/units.ts";
import { type ImageReference, parseImageReference } from "../../client/index.ts";
import type { ImageSummary } from "../../wire/docker/images.ts";
import { goTimeOfSeconds } from "../format/go-time.ts";
import type { Row } from "../template/index.ts";

/** The name of the rows' type in errors. */
export const imageRowType = "*formatter.imageContext";

/** The headings of a table of images. */
export const imageHeaders: Readonly<Record<string, string>> = {
  ID: "IMAGE ID",
  Repository: "REPOSITORY",
  Tag: "TAG",
  Digest: "DIGEST",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  Size: "SIZE",
  Containers: "CONTAINERS",
  VirtualSize: "SIZE",
  SharedSize: "SHARED SIZE",
  UniqueSize: "UNIQUE SIZE",
};

/** How to show images. */
export interface ImageRowOptions {
  readonly isShort: boolean;
  /** A row for each digest of a name. */
  readonly withDigests: boolean;
  /** Rows for digests of names without a tag, too. */
  readonly allDigests: boolean;
}

const none = "<none>";

function row(image: ImageSummary, isShort: boolean, repository: string, tag: string, digest: string): Row {
  return {
    ID: () => (isShort ? shortId(image.Id) : image.Id),
    Repository: () => repository,
    Tag: () => tag,
    Digest: () => digest,
    CreatedSince: () => `${humanDuration(Date.now() - image.Created * 1000)} ago`,
    CreatedAt: () => goTimeOfSeconds(image.Created),
    Size: () => humanSize(image.Size, 3),
    Containers: () => (image.Containers === -1 ? "N/A" : String(image.Containers)),
    VirtualSize: () => humanSize(image.Size),
    SharedSize: () => (image.SharedSize === -1 ? "N/A" : humanSize(image.SharedSize)),
    UniqueSize: () => (image.Size === -1 || image.SharedSize === -1 ? "N/A" : humanSize(image.Size - image.SharedSize)),
  };
}

function byName(texts: readonly string[], part: "tag" | "digest"): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const text of texts) {
    let reference: ImageReference | undefined;
    try {
      reference = parseImageReference(text);
    } catch {
      continue;
    }
    const value = reference?.[part];
    if (reference !== undefined && value !== undefined) {
      names.set(reference.name, [...(names.get(reference.name) ?? []), value]);
    }
  }
  return names;
}

/** The rows of an image. */
export function imageRows(image: ImageSummary, options: ImageRowOptions): Row[] {
  const { isShort, withDigests, allDigests } = options;
  const tags = image.RepoTags ?? [];
  const digests = image.RepoDigests ?? [];
  if (tags.length === 0 && digests.length === 0) return [row(image, isShort, none, none, none)];
  const rows: Row[] = [];
  const digestsByName = byName(digests, "digest");
  for (const [name, tagsOfName] of byName(tags, "tag")) {
    const own = withDigests ? (digestsByName.get(name) ?? []) : [];
    digestsByName.delete(name);
    for (const tag of tagsOfName) {
      for (const digest of own.length === 0 ? [none] : own) rows.push(row(image, isShort, name, tag, digest));
    }
  }
  for (const [name, digestsOfName] of digestsByName) {
    for (const digest of allDigests ? digestsOfName : [""]) rows.push(row(image, isShort, name, none, digest));
  }
  return rows;
}
