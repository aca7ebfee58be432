/** `image ls`, also known as `images`. */
import { listImages } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, filterFlag } from "../flags/flag.ts";
import { formatList, isTable } from "../format/list.ts";
import { listFormatFlag } from "../format/list-flag.ts";
import { imageHeaders, imageRows, imageRowType } from "./row.ts";

const created = "{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}";
const columns = `table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t${created}\t{{.Size}}`;
const columnsWithDigest = `table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t${created}\t{{.Size}}`;

function formatOf(source: string, quiet: boolean, digests: boolean): string {
  if (source === "table") {
    if (quiet) return "{{.ID}}";
    return digests ? columnsWithDigest : columns;
  }
  if (source === "raw") {
    if (quiet) return "image_id: {{.ID}}";
    const digest = digests ? "digest: {{.Digest}}\n" : "";
    const head = `repository: {{ .Repository }}\ntag: {{.Tag}}\n${digest}`;
    return `${head}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`;
  }
  return isTable(source) && digests && !source.includes("{{.Digest}}") ? `${source}\t{{.Digest}}` : source;
}

/** `image ls`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] [REPOSITORY[:TAG]]",
  aliases: ["image ls", "image list", "images"],
  flags: {
    all: boolFlag("Show all images (default hides intermediate images)", { short: "a" }),
    digests: boolFlag("Show digests"),
    filter: filterFlag("Filter output based on conditions provided"),
    format: listFormatFlag,
    noTrunc: boolFlag("Don't truncate output"),
    quiet: boolFlag("Only show image IDs", { short: "q" }),
    tree: boolFlag("List multi-platform images as a tree (EXPERIMENTAL)"),
  },
  args: { min: 0, max: 1 },
  examples: ["images", "images --filter dangling=true -q", "images --format '{{.Repository}}:{{.Tag}} {{.Size}}'"],
  run: async (cli, { flags, args }) => {
    if (flags.tree) throw new CommandFailure(1, "'images --tree' is not built yet");
    const filters: Record<string, readonly string[]> = { ...flags.filter };
    const [name] = args;
    if (name !== undefined) filters.reference = [...(filters.reference ?? []), name];
    const images = await listImages(await cli.client(), { all: flags.all, filters });
    const configured = flags.quiet ? undefined : cli.config.imagesFormat;
    const source = flags.format || configured || "table";
    const format = formatOf(source, flags.quiet, flags.digests);
    const withDigests = flags.digests || format.includes("{{.Digest}}");
    const rows = images.flatMap((image) =>
      imageRows(image, { isShort: !flags.noTrunc, withDigests, allDigests: flags.digests }),
    );
    cli.streams.out.write(formatList({ format, typeName: imageRowType, headers: imageHeaders }, rows));
    return 0;
  },
});
