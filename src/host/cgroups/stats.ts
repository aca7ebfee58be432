/** What a control group has used, read from its files. One shape for both versions; what a version lacks is absent. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/errors.ts";
import type { CgroupLayout } from "./layout.ts";

/** A counter: a bigint where a double would lose digits. */
export type Counter = number | bigint;

/** Bytes or operations of one block device. */
export interface DeviceCounter {
  readonly major: number;
  readonly minor: number;
  /** As the kernel names it: `Read` and `Write` in v1, `read` and `write` for v2. */
  readonly operation: string;
  readonly value: Counter;
}

/** One reading. Times in nanoseconds, memory in bytes. */
export interface CgroupStats {
  readonly cpu: {
    readonly usage: Counter;
    /** Only v1 counts each processor. */
    readonly perCpu?: readonly Counter[];
    readonly kernel: Counter;
    readonly user: Counter;
    readonly periods: Counter;
    readonly throttledPeriods: Counter;
    readonly throttledTime: Counter;
  };
  readonly memory: {
    readonly usage: Counter;
    /** Only in v1. */
    readonly maxUsage?: Counter;
    /** Every line of memory.stat. */
    readonly stats: ReadonlyMap<string, Counter>;
    /** Undefined for none. */
    readonly limit: Counter | undefined;
    /** How often the limit was met (v1) or a process was killed for it (v2). */
    readonly failures: Counter;
  };
  readonly pids: { readonly current: Counter; readonly limit: Counter | undefined };
  readonly io: { readonly bytes: readonly DeviceCounter[]; readonly operations: readonly DeviceCounter[] };
}

/** Clock ticks of user space are hundredths of a second on every architecture that matters. */
const nanosPerTick = 10_000_000;

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENODEV", "EOPNOTSUPP")) return "";
    throw error;
  }
}

/** A counter from text; 0 for none, undefined for `max`. */
function limitOf(text: string): Counter | undefined {
  const word = text.trim();
  if (!/^-?\d+$/.test(word)) return undefined;
  const value = Number(word);
  return Number.isSafeInteger(value) ? value : BigInt(word);
}

function counterOf(text: string | undefined): Counter {
  return limitOf(text ?? "") ?? 0;
}

function scaled(value: Counter | undefined, factor: number): Counter {
  const product = BigInt(value ?? 0) * BigInt(factor);
  return counterOf(String(product));
}

/** Lines of `name value`. */
export function parseFlatKeys(text: string): Map<string, Counter> {
  const keys = new Map<string, Counter>();
  for (const line of text.split("\n")) {
    const blank = line.indexOf(" ");
    if (blank > 0) keys.set(line.slice(0, blank), counterOf(line.slice(blank + 1)));
  }
  return keys;
}

/** Lines of `major:minor Operation value`, as v1 writes them; sums for all devices are left out. */
export function parseDeviceLines(text: string): DeviceCounter[] {
  return [...text.matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm)].map(([, major, minor, operation, value]) => ({
    major: Number(major),
    minor: Number(minor),
    operation: operation ?? "",
    value: counterOf(value),
  }));
}

/** Lines of `major:minor rbytes=1 wbytes=2 …`, as v2 writes them. */
export function parseIoStat(text: string): DeviceCounter[] {
  return [...text.matchAll(/^(\d+):(\d+) (.*)$/gm)].flatMap(([, major, minor, rest]) => {
    const value = (key: string): Counter => counterOf(new RegExp(`\\b${key}=(\\d+)`).exec(rest ?? "")?.[1]);
    const device = { major: Number(major), minor: Number(minor) };
    return [
      { ...device, operation: "read", value: value("rbytes") },
      { ...device, operation: "write", value: value("wbytes") },
    ];
  });
}

async function readV2(folder: string): Promise<CgroupStats> {
  const files = ["cpu.stat", "memory.current", "memory.stat", "memory.max", "memory.events"];
  const more = ["pids.current", "pids.max", "io.stat"];
  const texts = await Promise.all([...files, ...more].map((name) => read(join(folder, name))));
  const [cpuText = "", current = "", stat = "", max = "", events = "", pids = "", pidsMax = "", io = ""] = texts;
  const cpu = parseFlatKeys(cpuText);
  return {
    cpu: {
      usage: scaled(cpu.get("usage_usec"), 1000),
      kernel: scaled(cpu.get("system_usec"), 1000),
      user: scaled(cpu.get("user_usec"), 1000),
      periods: cpu.get("nr_periods") ?? 0,
      throttledPeriods: cpu.get("nr_throttled") ?? 0,
      throttledTime: scaled(cpu.get("throttled_usec"), 1000),
    },
    memory: {
      usage: counterOf(current),
      stats: parseFlatKeys(stat),
      limit: limitOf(max),
      failures: parseFlatKeys(events).get("oom") ?? 0,
    },
    pids: { current: counterOf(pids), limit: limitOf(pidsMax) },
    io: { bytes: parseIoStat(io), operations: [] },
  };
}

async function readV1(layout: CgroupLayout, group: string): Promise<CgroupStats> {
  const file = (controller: string, name: string): Promise<string> => {
    const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
    return hierarchy === undefined ? Promise.resolve("") : read(join(hierarchy.mountPoint, group, name));
  };
  const texts = await Promise.all([
    file("cpuacct", "cpuacct.usage"),
    file("cpuacct", "cpuacct.usage_percpu"),
    file("cpuacct", "cpuacct.stat"),
    file("cpu", "cpu.stat"),
    file("memory", "memory.usage_in_bytes"),
    file("memory", "memory.max_usage_in_bytes"),
    file("memory", "memory.stat"),
    file("memory", "memory.limit_in_bytes"),
    file("memory", "memory.failcnt"),
    file("pids", "pids.current"),
    file("pids", "pids.max"),
    file("blkio", "blkio.throttle.io_service_bytes_recursive"),
    file("blkio", "blkio.throttle.io_serviced_recursive"),
  ]);
  const [usage = "", perCpu = "", times = "", throttling = "", memory, maxUsage, memoryStat = ""] = texts;
  const [limit = "", failures, pids, pidsMax = "", bytes = "", operations = ""] = texts.slice(7);
  const ticks = parseFlatKeys(times);
  const cpu = parseFlatKeys(throttling);
  return {
    cpu: {
      usage: counterOf(usage),
      perCpu: perCpu.trim() === "" ? [] : perCpu.trim().split(/\s+/).map(counterOf),
      kernel: scaled(ticks.get("system"), nanosPerTick),
      user: scaled(ticks.get("user"), nanosPerTick),
      periods: cpu.get("nr_periods") ?? 0,
      throttledPeriods: cpu.get("nr_throttled") ?? 0,
      throttledTime: cpu.get("throttled_time") ?? 0,
    },
    memory: {
      usage: counterOf(memory),
      maxUsage: counterOf(maxUsage),
      stats: parseFlatKeys(memoryStat),
      limit: limitOf(limit),
      failures: counterOf(failures),
    },
    pids: { current: counterOf(pids), limit: limitOf(pidsMax) },
    io: { bytes: parseDeviceLines(bytes), operations: parseDeviceLines(operations) },
  };
}

/** Reads the group at `group` (`/parent/id`) in every hierarchy. What is absent counts nothing. */
export function readCgroupStats(layout: CgroupLayout, group: string): Promise<CgroupStats> {
  const root = layout.hierarchies[0]?.mountPoint ?? "/sys/fs/cgroup";
  return layout.version === 2 ? readV2(join(root, group)) : readV1(layout, group);
}
