/** `system df`. */
import { humanSize } from "../../base/units.ts";
import { diskUsage } from "../../client/index.ts";
import type { DiskUsage, VolumeUsage } from "../../wire/docker/disk-usage.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { containerHeaders, containerRow, containerRowType } from "../container/row.ts";
import { boolFlag } from "../flags/flag.ts";
import { formatList } from "../format/list.ts";
import { listFormatFlag } from "../format/list-flag.ts";
import { imageHeaders, imageRows, imageRowType } from "../image/row.ts";
import type { Row } from "../template/index.ts";

const columns = "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
const raw =
  "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n";
const headers: Readonly<Record<string, string>> = {
  Type: "TYPE",
  TotalCount: "TOTAL",
  Active: "ACTIVE",
  Size: "SIZE",
  Reclaimable: "RECLAIMABLE",
};

interface Kind {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
}

function kindsOf(usage: DiskUsage): Kind[] {
  const images = usage.Images ?? [];
  const used = images.filter(({ Containers }) => Containers > 0);
  const usedBytes = used.reduce(
    (sum, { Size, SharedSize }) => sum + (Size === -1 || SharedSize === -1 ? 0 : Size - SharedSize),
    0,
  );
  const containers = usage.Containers ?? [];
  const isActive = (state: string): boolean => ["running", "paused", "restarting"].includes(state);
  const bytesOf = (wanted: boolean): number =>
    containers.filter(({ State }) => isActive(State) === wanted).reduce((sum, { SizeRw = 0 }) => sum + SizeRw, 0);
  const volumes = usage.Volumes ?? [];
  const isLinked = ({ UsageData }: VolumeUsage): boolean => (UsageData?.RefCount ?? 0) > 0;
  const volumeBytes = (isWanted: (volume: VolumeUsage) => boolean): number =>
    volumes.filter(isWanted).reduce((sum, { UsageData }) => sum + Math.max(0, UsageData?.Size ?? 0), 0);
  return [
    {
      type: "Images",
      total: images.length,
      active: used.length,
      size: usage.LayersSize,
      reclaimable: usage.LayersSize - usedBytes,
    },
    {
      type: "Containers",
      total: containers.length,
      active: containers.filter(({ State }) => isActive(State)).length,
      size: bytesOf(true) + bytesOf(false),
      reclaimable: bytesOf(false),
    },
    {
      type: "Local Volumes",
      total: volumes.length,
      active: volumes.filter(isLinked).length,
      size: volumeBytes(() => true),
      reclaimable: volumeBytes((volume) => !isLinked(volume)),
    },
    { type: "Build Cache", total: 0, active: 0, size: 0, reclaimable: 0 },
  ];
}

function rowOf({ type, total, active, size, reclaimable }: Kind): Row {
  return {
    Type: () => type,
    TotalCount: () => String(total),
    Active: () => String(active),
    Size: () => humanSize(size),
    Reclaimable: () => {
      const percent = size > 0 ? ` (${Math.trunc((reclaimable * 100) / size)}%)` : "";
      return `${humanSize(reclaimable)}${percent}`;
    },
  };
}

function details(usage: DiskUsage): string {
  const imageFormat =
    "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}";
  const containerFormat =
    "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}";
  const shown = { isShort: true, withDigests: false, allDigests: false };
  const images = formatList(
    { format: imageFormat, typeName: imageRowType, headers: imageHeaders },
    (usage.Images ?? []).flatMap((image) => imageRows(image, shown)),
  );
  const containers = formatList(
    { format: containerFormat, typeName: containerRowType, headers: containerHeaders },
    (usage.Containers ?? []).map((each) => containerRow({ ...each, SizeRootFs: 0 }, true)),
  );
  const volumes = formatList(
    {
      format: "table {{.Name}}\t{{.Links}}\t{{.Size}}",
      typeName: "*formatter.volumeContext",
      headers: { Name: "VOLUME NAME", Links: "LINKS", Size: "SIZE" },
    },
    (usage.Volumes ?? []).map(({ Name, UsageData }) => ({
      Name: () => Name,
      Links: () => String(UsageData?.RefCount ?? "N/A"),
      Size: () => (UsageData === undefined || UsageData.Size < 0 ? "N/A" : humanSize(UsageData.Size)),
    })),
  );
  return `Images space usage:

${images}
Containers space usage:

${containers}
Local Volumes space usage:

${volumes}
Build cache usage: 0B

CACHE ID   CACHE TYPE   SIZE      CREATED   LAST USED   USAGE     SHARED
`;
}

/** `system df`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  flags: {
    format: listFormatFlag,
    verbose: boolFlag("Show detailed information on space usage", { short: "v" }),
  },
  args: { min: 0, max: 0 },
  examples: ["system df", "system df --format '{{.Type}}: {{.Size}}'"],
  run: async (cli, { flags }) => {
    const isTableAsked = flags.format === "" || flags.format === "table";
    if (flags.verbose && !isTableAsked) {
      throw new CommandFailure(1, "system df -v with --format is not built yet");
    }
    const usage = await diskUsage(await cli.client());
    let format = isTableAsked ? columns : flags.format;
    if (format === "raw") format = raw;
    const list = { format, typeName: "*formatter.diskUsageImagesContext", headers };
    cli.streams.out.write(flags.verbose ? details(usage) : formatList(list, kindsOf(usage).map(rowOf)));
    return 0;
  },
});
