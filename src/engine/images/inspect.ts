import type { ImageHistoryItem, ImageInspect } from "../../wire/docker/images.ts";
import { familiarString } from "../../wire/docker/references.ts";
import type { ExecutionConfig } from "../../wire/oci/image-spec.ts";
import type { CatalogImage } from "./catalog.ts";
import type { ImageDeps } from "./deps.ts";

/** Bytes of an image's layers, as Docker counts them. */
export function imageSize(deps: Pick<ImageDeps, "layers">, image: CatalogImage): number {
  return image.layers.reduce((sum, id) => sum + (deps.layers.get(id)?.size ?? 0), 0);
}

/** Tags and digests by which an image goes, as Docker shows them. */
export function shownNames(deps: Pick<ImageDeps, "catalog">, id: string): { tags: string[]; digests: string[] } {
  const names = deps.catalog.names(id);
  return {
    tags: names.filter((name) => name.digest === undefined).map(familiarString),
    digests: names.filter((name) => name.digest !== undefined).map(familiarString),
  };
}

function unlessEmpty<K extends string>(key: K, value: unknown): Partial<Record<K, unknown>> {
  const isEmpty =
    value === undefined ||
    value === null ||
    value === "" ||
    value === false ||
    (typeof value === "object" && Object.keys(value).length === 0);
  return isEmpty ? {} : ({ [key]: value } as Record<K, unknown>);
}

/** What of a config Docker 28 shows of an image: some fields always, others only when they say something. */
function shownConfig(config: ExecutionConfig): ExecutionConfig {
  return {
    ...unlessEmpty("ArgsEscaped", config.ArgsEscaped),
    Cmd: config.Cmd ?? null,
    Entrypoint: config.Entrypoint ?? null,
    Env: config.Env ?? null,
    ...unlessEmpty("ExposedPorts", config.ExposedPorts),
    ...unlessEmpty("Healthcheck", config.Healthcheck),
    Labels: config.Labels ?? null,
    OnBuild: config.OnBuild ?? null,
    ...unlessEmpty("Shell", config.Shell),
    ...unlessEmpty("StopSignal", config.StopSignal),
    User: config.User ?? "",
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? "",
  } as ExecutionConfig;
}

function graphData(deps: ImageDeps, image: CatalogImage): Record<string, string> | null {
  const [top, ...lower] = [...image.layers].reverse();
  if (top === undefined) return null;
  const folder = `${deps.layers.folder}/${top}`;
  return {
    ...(lower.length > 0 && { LowerDir: lower.map((id) => deps.layers.path(id)).join(":") }),
    MergedDir: `${folder}/merged`,
    UpperDir: deps.layers.path(top),
    WorkDir: `${folder}/work`,
  };
}

/** The answer of `GET /images/{name}/json`. */
export function inspectImage(deps: ImageDeps, image: CatalogImage): ImageInspect {
  const { config } = image;
  const { tags, digests } = shownNames(deps, image.id);
  const diffIds = config.rootfs.diff_ids ?? [];
  return {
    Id: image.id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: image.parent ?? "",
    Comment: config.comment || (config.history?.at(-1)?.comment ?? ""),
    ...(config.created !== undefined && { Created: config.created }),
    DockerVersion: config.docker_version ?? "",
    Author: config.author ?? "",
    Architecture: config.architecture ?? "",
    ...(config.variant !== undefined && config.variant !== "" && { Variant: config.variant }),
    Os: config.os || "linux",
    Size: imageSize(deps, image),
    GraphDriver: { Data: graphData(deps, image), Name: "overlay2" },
    RootFS: { Type: "layers", ...(diffIds.length > 0 && { Layers: [...diffIds] }) },
    Metadata: { LastTagTime: image.lastTagTime ?? "0001-01-01T00:00:00Z" },
    Config: config.config ? shownConfig(config.config) : null,
  };
}

function seconds(time: string | undefined): number {
  const milliseconds = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

/** When an image was created, in seconds since 1970; 0 where it does not say. */
export function createdSeconds(image: CatalogImage): number {
  return seconds(image.config.created);
}

/** The answer of `GET /images/{name}/history`, newest first. */
export function imageHistory(deps: ImageDeps, image: CatalogImage): ImageHistoryItem[] {
  let layer = 0;
  const items = (image.config.history ?? []).map((entry): ImageHistoryItem => {
    const id = entry.empty_layer === true ? undefined : image.layers[layer++];
    return {
      Comment: entry.comment ?? "",
      Created: seconds(entry.created),
      CreatedBy: entry.created_by ?? "",
      Id: "<missing>",
      Size: id === undefined ? 0 : (deps.layers.get(id)?.size ?? 0),
      Tags: null,
    };
  });
  items.reverse();
  let at: CatalogImage | undefined = image;
  for (const item of items) {
    const { tags } = shownNames(deps, at.id);
    item.Id = at.id;
    item.Tags = tags.length > 0 ? tags : null;
    at = at.parent === undefined ? undefined : deps.catalog.get(at.parent);
    if (at === undefined) break;
  }
  return items;
}
