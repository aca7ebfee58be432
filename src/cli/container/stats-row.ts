/** One container in `container stats`: what templates may ask of it, with Docker's formulas. */
import { shortId } from "../../base/ids.ts";
import { binarySize, humanSize } from "../../base/units.ts";
import type { ContainerStats } from "../../wire/docker/stats.ts";
import type { Row } from "../template/index.ts";

/** The name of the rows' type in errors. */
export const statsRowType = "*container.statsContext";

/** The headings of the table. */
export const statsHeaders: Readonly<Record<string, string>> = {
  Container: "CONTAINER",
  ID: "CONTAINER ID",
  Name: "NAME",
  CPUPerc: "CPU %",
  MemUsage: "MEM USAGE / LIMIT",
  MemPerc: "MEM %",
  NetIO: "NET I/O",
  BlockIO: "BLOCK I/O",
  PIDs: "PIDS",
};

/** Processor time since the reading before, in percent of one processor. */
export function cpuPercent({ cpu_stats: now, precpu_stats: before }: ContainerStats): number {
  const used = Number(now.cpu_usage.total_usage) - Number(before.cpu_usage.total_usage);
  const passed = Number(now.system_cpu_usage ?? 0) - Number(before.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || (now.cpu_usage.percpu_usage?.length ?? 0);
  return used > 0 && passed > 0 ? (used / passed) * cpus * 100 : 0;
}

/** Memory in use without the cache that the kernel would give up at once. */
export function memoryInUse({ memory_stats: memory }: ContainerStats): number {
  const usage = Number(memory.usage ?? 0);
  const v1 = memory.stats?.total_inactive_file;
  if (v1 !== undefined && Number(v1) < usage) return usage - Number(v1);
  const v2 = Number(memory.stats?.inactive_file ?? 0);
  return v2 < usage ? usage - v2 : usage;
}

function blockIo(stats: ContainerStats, letter: string): number {
  const all = stats.blkio_stats.io_service_bytes_recursive ?? [];
  return all.reduce((sum, { op, value }) => sum + (op[0]?.toLowerCase() === letter ? Number(value) : 0), 0);
}

/** The row of a container; `stats` is undefined while nothing of it could be read. */
export function statsRow(container: string, stats: ContainerStats | undefined, isShort: boolean): Row {
  const orDashes = (pair: boolean, text: (known: ContainerStats) => string) => (): string => {
    if (stats !== undefined) return text(stats);
    return pair ? "-- / --" : "--";
  };
  return {
    Container: () => container,
    Name: () => (stats?.name ?? "").slice(1) || "--",
    ID: () => (isShort ? shortId(stats?.id ?? "") : (stats?.id ?? "")),
    CPUPerc: orDashes(false, (known) => `${cpuPercent(known).toFixed(2)}%`),
    MemUsage: orDashes(
      true,
      (known) => `${binarySize(memoryInUse(known))} / ${binarySize(Number(known.memory_stats.limit ?? 0))}`,
    ),
    MemPerc: orDashes(false, (known) => {
      const limit = Number(known.memory_stats.limit ?? 0);
      return `${(limit === 0 ? 0 : (memoryInUse(known) / limit) * 100).toFixed(2)}%`;
    }),
    NetIO: orDashes(true, (known) => {
      const all = Object.values(known.networks ?? {});
      const received = all.reduce((sum, each) => sum + Number(each.rx_bytes), 0);
      const sent = all.reduce((sum, each) => sum + Number(each.tx_bytes), 0);
      return `${humanSize(received, 3)} / ${humanSize(sent, 3)}`;
    }),
    BlockIO: orDashes(true, (known) => `${humanSize(blockIo(known, "r"), 3)} / ${humanSize(blockIo(known, "w"), 3)}`),
    PIDs: orDashes(false, (known) => String(known.pids_stats.current ?? 0)),
  };
}
