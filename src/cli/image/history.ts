/** `image history`. */
import { humanDuration } from "../../base/durations.ts";
import { shortId } from "../../base/ids.ts";
import { humanSize } from "../../base/units.ts";
import { imageHistory } from "../../client/index.ts";
import type { ImageHistoryItem } from "../../wire/docker/images.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { ellipsis } from "../format/ellipsis.ts";
import { rfc3339OfSeconds } from "../format/go-time.ts";
import { formatList } from "../format/list.ts";
import { listFormatFlag } from "../format/list-flag.ts";
import type { Row } from "../template/index.ts";
import { platformQuery } from "./platform.ts";

const headers: Readonly<Record<string, string>> = {
  ID: "IMAGE",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  CreatedBy: "CREATED BY",
  Size: "SIZE",
  Comment: "COMMENT",
};

/** Times before this mean that nobody knew the time: 2000-01-01. */
const epochSeconds = 946_684_800;

function historyRow(item: ImageHistoryItem, isShort: boolean, isHuman: boolean): Row {
  const createdAt = (): string => rfc3339OfSeconds(item.Created);
  const createdSince = (): string =>
    item.Created <= epochSeconds ? "" : `${humanDuration(Date.now() - item.Created * 1000)} ago`;
  return {
    ID: () => (isShort ? shortId(item.Id) : item.Id),
    CreatedAt: createdAt,
    CreatedSince: () => (isHuman ? createdSince() : createdAt()),
    CreatedBy: () => {
      const text = item.CreatedBy.replaceAll("\t", " ");
      return isShort ? ellipsis(text, 45) : text;
    },
    Size: () => (isHuman ? humanSize(item.Size, 3) : String(item.Size)),
    Comment: () => item.Comment,
  };
}

function formatOf(source: string, quiet: boolean, isHuman: boolean): string {
  if (source !== "" && source !== "table") return source;
  if (quiet) return "{{.ID}}";
  const created = isHuman ? "{{.CreatedSince}}" : "{{.CreatedAt}}";
  return `table {{.ID}}\t${created}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`;
}

/** `image history`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] IMAGE",
  aliases: ["image history", "history"],
  flags: {
    format: listFormatFlag,
    human: boolFlag("Print sizes and dates in human readable format", { short: "H", initial: true }),
    noTrunc: boolFlag("Don't truncate output"),
    platform: stringFlag(
      'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: boolFlag("Only show image IDs", { short: "q" }),
  },
  args: { min: 1, max: 1 },
  examples: ["history busybox", "history --no-trunc --format '{{.CreatedBy}}' busybox"],
  run: async (cli, { flags, args }) => {
    const platform = platformQuery(flags.platform);
    const items = await imageHistory(await cli.client(), args[0] ?? "", platform);
    const list = {
      format: formatOf(flags.format, flags.quiet, flags.human),
      typeName: "*image.historyContext",
      headers,
    };
    cli.streams.out.write(
      formatList(
        list,
        items.map((item) => historyRow(item, !flags.noTrunc, flags.human)),
      ),
    );
    return 0;
  },
});
