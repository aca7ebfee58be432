/** One container in a list: what templates may ask of it. */
import { humanDuration } from "../../base/durations.ts";
import { shortId } from "../../base/ids.ts";
import { quote } from "../../base/quote.ts";
import { humanSize } from "../../base/units.ts";
import { imageReferenceText, parseImageReference } from "../../client/index.ts";
import type { ContainerSummary } from "../../wire/docker/containers.ts";
import { ellipsis } from "../format/ellipsis.ts";
import { goTimeOfSeconds } from "../format/go-time.ts";
import type { Row } from "../template/index.ts";
import { portsText } from "./ports-text.ts";

/** The name of the rows' type in errors. */
export const containerRowType = "*formatter.ContainerContext";

/** The headings of a table of containers. */
export const containerHeaders: Readonly<Record<string, string>> = {
  ID: "CONTAINER ID",
  Names: "NAMES",
  Image: "IMAGE",
  Command: "COMMAND",
  CreatedAt: "CREATED AT",
  RunningFor: "CREATED",
  Ports: "PORTS",
  State: "STATE",
  Status: "STATUS",
  Size: "SIZE",
  Labels: "LABELS",
  Mounts: "MOUNTS",
  LocalVolumes: "LOCAL VOLUMES",
  Networks: "NETWORKS",
  Platform: "PLATFORM",
};

function imageText(container: ContainerSummary, isShort: boolean): string {
  const { Image: image, ImageID } = container;
  if (image === "") return "<no image>";
  if (!isShort) return image;
  if (shortId(ImageID) === shortId(image)) return shortId(ImageID);
  try {
    const reference = parseImageReference(image);
    if (reference === undefined) return image;
    const { name, tag } = reference;
    return imageReferenceText(tag === undefined ? { name } : { name, tag });
  } catch {
    return image;
  }
}

function namesText(names: readonly string[], isShort: boolean): string {
  const plain = names.map((name) => name.replace(/^\//, ""));
  // Old-style links give a container names below others' names: the own one has no slash in it.
  return isShort ? (plain.find((name) => !name.includes("/")) ?? "") : plain.join(",");
}

function sizeText({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = humanSize(SizeRw, 3);
  return SizeRootFs > 0 ? `${own} (virtual ${humanSize(SizeRootFs, 3)})` : own;
}

/** The row of a container; `isShort` leaves out what would make it long. */
export function containerRow(container: ContainerSummary, isShort: boolean): Row {
  const labels = container.Labels ?? {};
  return {
    ID: () => (isShort ? shortId(container.Id) : container.Id),
    Names: () => namesText(container.Names ?? [], isShort),
    Image: () => imageText(container, isShort),
    Command: () => quote(isShort ? ellipsis(container.Command, 20) : container.Command),
    CreatedAt: () => goTimeOfSeconds(container.Created),
    RunningFor: () => `${humanDuration(Date.now() - container.Created * 1000)} ago`,
    Ports: () => portsText(container.Ports ?? []),
    State: () => container.State,
    Status: () => container.Status,
    Size: () => sizeText(container),
    Labels: () =>
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(","),
    Label: (name) => labels[name ?? ""] ?? "",
    Mounts: () =>
      (container.Mounts ?? [])
        .map((mount) => mount.Name || mount.Source)
        .map((name) => (isShort ? ellipsis(name, 15) : name))
        .join(","),
    LocalVolumes: () => String((container.Mounts ?? []).filter((mount) => mount.Driver === "local").length),
    Networks: () => Object.keys(container.NetworkSettings?.Networks ?? {}).join(","),
    Platform: () => undefined,
  };
}
