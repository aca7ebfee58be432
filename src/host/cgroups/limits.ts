/** Changes the limits of a control group that exists, by writing its files. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EscaleError, hasCode, internal, messageOf } from "../../base/errors.ts";
import type { CgroupLayout } from "./layout.ts";

/** What to change; what is absent stays. Bytes and microseconds; -1 for no limit. */
export interface CgroupLimits {
  readonly memory?: number;
  /** Memory and swap together, as v1 counts them. */
  readonly memorySwap?: number;
  readonly memoryReservation?: number;
  /** Relative weight from 2 to 262144. */
  readonly cpuShares?: number;
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pids?: number;
  /** Relative weight from 10 to 1000. */
  readonly ioWeight?: number;
}

async function write(path: string, value: string | number): Promise<void> {
  try {
    await writeFile(path, String(value), { flag: "r+" });
  } catch (error) {
    if (error instanceof EscaleError) throw error;
    const [, reason = messageOf(error)] = /^\w+: (.*?), /.exec(messageOf(error)) ?? [];
    throw internal(`failed to write ${JSON.stringify(String(value))}: write ${path}: ${reason}`, { cause: error });
  }
}

async function writeFirstThatExists(paths: readonly string[], value: string | number): Promise<void> {
  for (const path of paths) {
    try {
      return await write(path, value);
    } catch (error) {
      if (!(error instanceof Error) || !hasCode(error.cause, "ENOENT")) throw error;
    }
  }
}

async function writeV1(layout: CgroupLayout, group: string, limits: CgroupLimits): Promise<void> {
  const path = (controller: string, name: string): string => {
    const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
    return join(hierarchy?.mountPoint ?? `/sys/fs/cgroup/${controller}`, group, name);
  };
  const memory = path("memory", "memory.limit_in_bytes");
  const swap = path("memory", "memory.memsw.limit_in_bytes");
  const steps: [string, number | string | undefined][] = [
    [memory, limits.memory],
    [swap, limits.memorySwap],
  ];
  if (limits.memory !== undefined && limits.memorySwap !== undefined) {
    // The kernel holds memory ≤ memory and swap at every moment: what grows is the sum first.
    const present = Number(await readFile(swap, "latin1"));
    if (limits.memorySwap === -1 || limits.memorySwap > present) steps.reverse();
  }
  steps.push(
    [path("memory", "memory.soft_limit_in_bytes"), limits.memoryReservation],
    [path("cpu", "cpu.shares"), limits.cpuShares],
    [path("cpu", "cpu.cfs_period_us"), limits.cpuPeriod],
    [path("cpu", "cpu.cfs_quota_us"), limits.cpuQuota],
    [path("cpuset", "cpuset.cpus"), limits.cpusetCpus],
    [path("cpuset", "cpuset.mems"), limits.cpusetMems],
    [path("pids", "pids.max"), limits.pids === -1 ? "max" : limits.pids],
  );
  for (const [file, value] of steps) if (value !== undefined) await write(file, value);
  if (limits.ioWeight !== undefined) {
    const files = [path("blkio", "blkio.weight"), path("blkio", "blkio.bfq.weight")];
    await writeFirstThatExists(files, limits.ioWeight);
  }
}

/** v1's shares from 2 to 262144 as v2's weight from 1 to 10000. */
export function weightOfShares(shares: number): number {
  const bounded = Math.min(Math.max(shares, 2), 262_144);
  return 1 + Math.floor(((bounded - 2) * 9999) / 262_142);
}

async function writeV2(folder: string, limits: CgroupLimits): Promise<void> {
  const file = (name: string): string => join(folder, name);
  const orMax = (value: number): string => (value < 0 ? "max" : String(value));
  const { memory, memorySwap } = limits;
  if (memorySwap !== undefined) {
    const base = memory ?? Number((await readFile(file("memory.max"), "latin1")).trim());
    const swap = memorySwap < 0 ? -1 : memorySwap - base;
    if (memorySwap >= 0 && !(swap >= 0)) throw internal("the limit of memory and swap is below that of memory");
    await write(file("memory.swap.max"), orMax(swap));
  }
  if (memory !== undefined) await write(file("memory.max"), orMax(memory));
  if (limits.memoryReservation !== undefined) await write(file("memory.low"), limits.memoryReservation);
  if (limits.cpuShares !== undefined) await write(file("cpu.weight"), weightOfShares(limits.cpuShares));
  if (limits.cpuQuota !== undefined || limits.cpuPeriod !== undefined) {
    const [quota = "max", period = "100000"] = (await readFile(file("cpu.max"), "latin1")).trim().split(" ");
    const newQuota = limits.cpuQuota === undefined ? quota : orMax(limits.cpuQuota);
    await write(file("cpu.max"), `${newQuota} ${limits.cpuPeriod ?? period}`);
  }
  if (limits.cpusetCpus !== undefined) await write(file("cpuset.cpus"), limits.cpusetCpus);
  if (limits.cpusetMems !== undefined) await write(file("cpuset.mems"), limits.cpusetMems);
  if (limits.pids !== undefined) await write(file("pids.max"), orMax(limits.pids));
  if (limits.ioWeight !== undefined) {
    await writeFirstThatExists([file("io.bfq.weight"), file("io.weight")], limits.ioWeight);
  }
}

/** Writes `limits` to the group at `group` (`/parent/id`). Errors: internal, naming the file that the kernel refused. */
export function writeCgroupLimits(layout: CgroupLayout, group: string, limits: CgroupLimits): Promise<void> {
  const root = layout.hierarchies[0]?.mountPoint ?? "/sys/fs/cgroup";
  return layout.version === 2 ? writeV2(join(root, group), limits) : writeV1(layout, group, limits);
}

/** Which processors and memory nodes there are, as `cpuset` lists them (`0-3,5`); empty where it cannot be told. */
export async function availableSets(layout: CgroupLayout): Promise<{ readonly cpus: string; readonly mems: string }> {
  const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes("cpuset"));
  const folder = hierarchy?.mountPoint ?? layout.hierarchies[0]?.mountPoint ?? "/sys/fs/cgroup";
  const suffix = layout.version === 2 ? ".effective" : "";
  const read = (name: string): Promise<string> => readFile(join(folder, `${name}${suffix}`), "latin1").catch(() => "");
  const [cpus, mems] = await Promise.all([read("cpuset.cpus"), read("cpuset.mems")]);
  return { cpus: cpus.trim(), mems: mems.trim() };
}
