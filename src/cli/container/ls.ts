/** `container ls`, also known as `ps`. */
import { messageOf } from "../../base/errors.ts";
import { listContainers } from "../../client/index.ts";
import type { ContainerSummary } from "../../wire/docker/containers.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, filterFlag, intFlag } from "../flags/flag.ts";
import { formatList } from "../format/list.ts";
import { listFormatFlag } from "../format/list-flag.ts";
import { executeTemplate, functionNames, parseTemplate, templateFunctions } from "../template/index.ts";
import { containerHeaders, containerRow, containerRowType } from "./row.ts";

const columns = "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

const raw = `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
`;

function formatOf(source: string, quiet: boolean, size: boolean): string {
  if (source === "" || source === "table") {
    if (quiet) return "{{.ID}}";
    return size ? `${columns}\t{{.Size}}` : columns;
  }
  if (source === "raw") {
    if (quiet) return "container_id: {{.ID}}";
    return size ? `${raw}size: {{.Size}}\n` : raw;
  }
  return quiet ? "{{.ID}}" : source;
}

const nobody: ContainerSummary = {
  Id: "",
  Names: [],
  Image: "",
  ImageID: "",
  Command: "",
  Created: 0,
  Ports: [],
  Labels: {},
  State: "created",
  Status: "",
  HostConfig: { NetworkMode: "" },
  NetworkSettings: { Networks: {} },
  Mounts: [],
};

/** Tries a template on no container at all: it has to fit, and shows whether it asks for sizes. */
function asksForSize(format: string): boolean {
  const failed = (what: string, error: unknown): CommandFailure =>
    new CommandFailure(1, `failed to ${what} template: ${messageOf(error)}`);
  let asked = false;
  const askSize = (): string => {
    asked = true;
    return "0B";
  };
  const row = { ...containerRow(nobody, true), Size: askSize };
  let template: ReturnType<typeof parseTemplate>;
  try {
    template = parseTemplate(format, functionNames);
  } catch (error) {
    throw failed("parse", error);
  }
  try {
    const type = { kind: "object", name: containerRowType } as const;
    executeTemplate(template, { type, data: row }, { functions: templateFunctions });
  } catch (error) {
    throw failed("execute", error);
  }
  return asked;
}

/** `container ls`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  aliases: ["container ls", "container list", "container ps", "ps"],
  flags: {
    all: boolFlag("Show all containers (default shows just running)", { short: "a" }),
    filter: filterFlag("Filter output based on conditions provided"),
    format: listFormatFlag,
    last: intFlag("Show n last created containers (includes all states)", { short: "n", initial: -1 }),
    latest: boolFlag("Show the latest created container (includes all states)", { short: "l" }),
    noTrunc: boolFlag("Don't truncate output"),
    quiet: boolFlag("Only display container IDs", { short: "q" }),
    size: boolFlag("Display total file sizes", { short: "s" }),
  },
  args: { min: 0, max: 0 },
  examples: ["ps -a", "ps --filter status=exited -q", "ps --format '{{.Names}}: {{.Status}}'"],
  run: async (cli, { flags, given }) => {
    if (flags.format !== "" && flags.quiet) {
      cli.streams.err.write("WARNING: Ignoring custom format, because both --format and --quiet are set.\n");
    }
    const source = flags.format === "" ? (cli.config.psFormat ?? "") : flags.format;
    let { size } = flags;
    if (source !== "") {
      const isAsked = asksForSize(source);
      if (!flags.quiet && !given.has("size") && isAsked) size = true;
    }
    const limit = flags.latest && flags.last === -1 ? 1 : flags.last;
    const containers = await listContainers(await cli.client(), { all: flags.all, limit, size, filters: flags.filter });
    const list = {
      format: formatOf(source, flags.quiet, size),
      typeName: containerRowType,
      headers: containerHeaders,
    };
    cli.streams.out.write(
      formatList(
        list,
        containers.map((container) => containerRow(container, !flags.noTrunc)),
      ),
    );
    return 0;
  },
});
