import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { nowNanos, rfc3339Nano, zeroTime } from "../../base/clock.ts";
import { hasCode } from "../../base/errors.ts";
import type { CgroupStats, DeviceCounter } from "../../host/cgroups/index.ts";
import type { BlkioEntry, ContainerStats, CpuStats, InterfaceStats } from "../../wire/docker/stats.ts";
import type { ContainersDeps } from "./deps.ts";
import { isRunning } from "./record.ts";
import type { Container, ContainerTable } from "./table.ts";

/** Docker's pace. */
const pace = 1000;
const nanosPerTick = 10_000_000;

/** What Docker shows of v1's memory.stat; each also with `total_` before it, but for the two of the hierarchy. */
const memoryKeys1 = `active_anon active_file cache dirty inactive_anon inactive_file mapped_file pgfault pgmajfault
  pgpgin pgpgout rss rss_huge unevictable writeback`.split(/\s+/);
const shownMemoryKeys1 = [
  ...memoryKeys1,
  "hierarchical_memory_limit",
  "hierarchical_memsw_limit",
  ...memoryKeys1.map((key) => `total_${key}`),
].sort();

/** What Docker shows of v2's memory.stat. */
const shownMemoryKeys2 = `active_anon active_file anon anon_thp file file_dirty file_mapped file_writeback inactive_anon
  inactive_file kernel_stack pgactivate pgdeactivate pgfault pglazyfree pglazyfreed pgmajfault pgrefill pgscan pgsteal
  shmem slab slab_reclaimable slab_unreclaimable sock thp_collapse_alloc thp_fault_alloc unevictable
  workingset_activate workingset_nodereclaim workingset_refault`.split(/\s+/);

const noCpu: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

function blkioOf(fill: readonly BlkioEntry[] | null): Record<string, readonly BlkioEntry[] | null> {
  return {
    io_service_bytes_recursive: fill,
    io_serviced_recursive: fill,
    io_queue_recursive: fill,
    io_service_time_recursive: fill,
    io_wait_time_recursive: fill,
    io_merged_recursive: fill,
    io_time_recursive: fill,
    sectors_recursive: fill,
  };
}

function nothing(container: Container): ContainerStats {
  return {
    name: `/${container.record.name}`,
    id: container.id,
    read: zeroTime,
    preread: zeroTime,
    pids_stats: {},
    blkio_stats: blkioOf(null),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: noCpu,
    precpu_stats: noCpu,
    memory_stats: {},
  };
}

function entries(counters: readonly DeviceCounter[]): BlkioEntry[] {
  return counters.map(({ major, minor, operation, value }) => ({ major, minor, op: operation, value }));
}

/** The machine's processor time, idle or not, in nanoseconds, and its processors that are on; from /proc/stat. */
export function parseProcStat(text: string): { readonly usage: number; readonly cpus: number } {
  const total = /^cpu +(.*)$/m.exec(text)?.[1]?.split(" ").slice(0, 7) ?? [];
  const ticks = total.reduce((sum, field) => sum + Number(field), 0);
  return { usage: ticks * nanosPerTick, cpus: [...text.matchAll(/^cpu\d+ /gm)].length };
}

/** Every interface but the loopback one, from the text of /proc/PID/net/dev. */
export function parseInterfaces(text: string): Record<string, InterfaceStats> {
  const found: Record<string, InterfaceStats> = {};
  for (const [, name = "", rest = ""] of text.matchAll(/^\s*(\S+):\s*(.*)$/gm)) {
    if (name === "lo") continue;
    const fields = rest.split(/\s+/).map(Number);
    const at = (index: number): number => fields[index] ?? 0;
    found[name] = {
      rx_bytes: at(0),
      rx_packets: at(1),
      rx_errors: at(2),
      rx_dropped: at(3),
      tx_bytes: at(8),
      tx_packets: at(9),
      tx_errors: at(10),
      tx_dropped: at(11),
    };
  }
  return found;
}

function cpuOf({ cpu }: CgroupStats, machine: { usage: number; cpus: number }): CpuStats {
  return {
    cpu_usage: {
      total_usage: cpu.usage,
      ...(cpu.perCpu !== undefined && cpu.perCpu.length > 0 && { percpu_usage: cpu.perCpu }),
      usage_in_kernelmode: cpu.kernel,
      usage_in_usermode: cpu.user,
    },
    system_cpu_usage: machine.usage,
    online_cpus: machine.cpus,
    throttling_data: {
      periods: cpu.periods,
      throttled_periods: cpu.throttledPeriods,
      throttled_time: cpu.throttledTime,
    },
  };
}

function memoryOf({ memory }: CgroupStats, isV2: boolean): ContainerStats["memory_stats"] {
  const total = totalmem();
  const keys = isV2 ? shownMemoryKeys2 : shownMemoryKeys1;
  const stats = Object.fromEntries(keys.map((key) => [key, memory.stats.get(key) ?? 0]));
  return {
    usage: memory.usage,
    ...(memory.maxUsage !== undefined && { max_usage: memory.maxUsage }),
    stats,
    ...(memory.failures !== 0 && { failcnt: memory.failures }),
    limit: memory.limit === undefined || memory.limit > total ? total : memory.limit,
  };
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    // The process has ended meanwhile.
    if (hasCode(error, "ENOENT", "ESRCH", "EINVAL")) return "";
    throw error;
  }
}

/** One reading of a container; zeros when it does not run. `before` is the reading before it. */
async function sample(
  deps: ContainersDeps,
  container: Container,
  before: ContainerStats | undefined,
): Promise<ContainerStats> {
  const { state, hostConfig, name } = container.record;
  if (!isRunning(state)) return nothing(container);
  const isOnHost = hostConfig.NetworkMode === "host";
  const [used, procStat, netDev] = await Promise.all([
    deps.cgroups.stats(container.id),
    readFile("/proc/stat", "latin1"),
    isOnHost ? "" : readIfThere(`/proc/${state.process?.pid}/net/dev`),
  ]);
  const isV2 = deps.cgroups.layout.version === 2;
  const interfaces = parseInterfaces(netDev);
  const bytes = entries(used.io.bytes);
  return {
    name: `/${name}`,
    id: container.id,
    read: rfc3339Nano(nowNanos()),
    preread: before?.read ?? zeroTime,
    pids_stats: { current: used.pids.current, ...(used.pids.limit !== undefined && { limit: used.pids.limit }) },
    blkio_stats: isV2
      ? { ...blkioOf(null), ...(bytes.length > 0 && { io_service_bytes_recursive: bytes }) }
      : { ...blkioOf([]), io_service_bytes_recursive: bytes, io_serviced_recursive: entries(used.io.operations) },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuOf(used, parseProcStat(procStat)),
    precpu_stats: before?.cpu_stats ?? noCpu,
    memory_stats: memoryOf(used, isV2),
    ...(Object.keys(interfaces).length > 0 && { networks: interfaces }),
  };
}

/** What a container uses, once: with `isOneShot` right away, else against a reading of a second ago. Errors: not-found. */
export async function statsOnce(
  deps: ContainersDeps,
  table: ContainerTable,
  id: string,
  isOneShot: boolean,
): Promise<ContainerStats> {
  const container = table.resolve(id);
  const first = await sample(deps, container, undefined);
  if (!isRunning(container.record.state)) return nothing(container);
  if (isOneShot) {
    // Docker leaves these two out here.
    const { name: _name, id: _id, ...rest } = first;
    return rest;
  }
  await sleep(pace);
  return sample(deps, container, first);
}

/** What a container uses, each second, until it is removed or `signal` fires. Errors: not-found, before the first. */
export function statsStream(
  deps: ContainersDeps,
  table: ContainerTable,
  id: string,
  signal: AbortSignal,
): AsyncIterable<ContainerStats> {
  const container = table.resolve(id);
  async function* readings(): AsyncGenerator<ContainerStats> {
    let before: ContainerStats | undefined;
    while (!signal.aborted && table.byId(container.id) !== undefined && container.record.state.status !== "removing") {
      const now = await sample(deps, container, before);
      yield now;
      before = now.read === zeroTime ? undefined : now;
      await sleep(pace, undefined, { signal }).catch(() => {});
    }
  }
  return readings();
}
