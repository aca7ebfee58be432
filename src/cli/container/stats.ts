/** `container stats`. */
import { setTimeout as sleep } from "node:timers/promises";
import { isKind } from "../../base/errors.ts";
import {
  type Client,
  containerStats,
  listContainers,
  readJsonLines,
  streamContainerStats,
} from "../../client/index.ts";
import type { ContainerStats } from "../../wire/docker/stats.ts";
import { type AnyCommand, type Cli, defineCommand } from "../command.ts";
import { boolFlag } from "../flags/flag.ts";
import { formatList } from "../format/list.ts";
import { listFormatFlag } from "../format/list-flag.ts";
import { statsHeaders, statsRow, statsRowType } from "./stats-row.ts";

const columns =
  "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";
const refresh = 500;

/** Draws over what was drawn before: home, each line to its end, and nothing below. */
function screen(text: string): string {
  return `\x1b[H${text.replaceAll("\n", "\x1b[K\n")}\x1b[K\n\x1b[J`;
}

async function chosen(client: Client, all: boolean): Promise<string[]> {
  return (await listContainers(client, { all })).map(({ Id }) => Id);
}

/** Follows every container and draws until all asked for have gone, or for ever when none were named. */
async function follow(cli: Cli, client: Client, args: readonly string[], all: boolean, draw: Draw): Promise<void> {
  const readings = new Map<string, ContainerStats | undefined>();
  let failure: unknown;
  const watch = (name: string): void => {
    readings.set(name, undefined);
    const read = async (): Promise<void> => {
      const { body } = await streamContainerStats(client, name);
      for await (const line of readJsonLines(body)) readings.set(name, JSON.parse(line) as ContainerStats);
    };
    read()
      .catch((error: unknown) => {
        if (args.length > 0 || !isKind(error, "not-found")) failure ??= error;
      })
      .finally(() => readings.delete(name));
  };
  for (const name of args) watch(name);
  for (;;) {
    if (args.length === 0) {
      const present = await chosen(client, all);
      for (const name of present) if (!readings.has(name)) watch(name);
      for (const name of readings.keys()) if (!present.includes(name)) readings.delete(name);
    }
    await sleep(refresh);
    if (failure !== undefined) throw failure;
    if (args.length > 0 && readings.size === 0) return;
    cli.streams.out.write(screen(draw(readings)));
  }
}

type Draw = (readings: ReadonlyMap<string, ContainerStats | undefined>) => string;

/** `container stats`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] [CONTAINER...]",
  aliases: ["container stats", "stats"],
  flags: {
    all: boolFlag("Show all containers (default shows just running)", { short: "a" }),
    format: listFormatFlag,
    noStream: boolFlag("Disable streaming stats and only pull the first result"),
    noTrunc: boolFlag("Do not truncate output"),
  },
  args: { min: 0 },
  examples: ["stats", "stats --no-stream --format '{{.Name}}: {{.MemUsage}}' web"],
  run: async (cli, { flags, args }) => {
    const source = flags.format === "" ? (cli.config.statsFormat ?? "") : flags.format;
    const format = source === "" || source === "table" ? columns : source;
    const list = { format, typeName: statsRowType, headers: statsHeaders };
    const draw: Draw = (readings) =>
      formatList(
        list,
        [...readings].map(([name, stats]) => statsRow(name, stats, !flags.noTrunc)),
      );
    const client = await cli.client();
    if (!flags.noStream) {
      await follow(cli, client, args, flags.all, draw);
      return 0;
    }
    const names = args.length > 0 ? args : await chosen(client, flags.all);
    const readings = await Promise.all(names.map(async (name) => [name, await containerStats(client, name)] as const));
    cli.streams.out.write(draw(new Map(readings)));
    return 0;
  },
});
