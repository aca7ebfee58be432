/** What this process may give to containers, and how the machine is made: read once, since neither changes. */
import { existsSync, readFileSync } from "node:fs";
import { hasCode } from "../../base/errors.ts";
import { capabilityNames } from "./capability-names.ts";

/** See the file's header. */
export interface Machine {
  /** The capabilities that this process may hand on, in the kernel's order. */
  readonly capabilities: readonly string[];
  /** Whether hard limits may be raised and OOM scores lowered. */
  readonly canExceedLimits: boolean;
  /** Inherited hard limits by `RLIMIT_` name; a limit that is not here is unlimited. */
  readonly hardLimits: ReadonlyMap<string, number>;
  /** The OOM score that this process, and so its children, begin with. */
  readonly oomScoreAdj: number;
  readonly hasCgroupV2: boolean;
  readonly hasSwapLimit: boolean;
  readonly hasBlockIoWeight: boolean;
  readonly hasAppArmor: boolean;
  /** As the OCI image specification names it. */
  readonly architecture: "amd64" | "arm64";
  /** `[major, minor]` of the kernel. */
  readonly kernel: readonly [number, number];
}

const sysResource = 24n;

/** The limits as /proc/self/limits names them. */
const limitNames: Readonly<Record<string, string>> = {
  "Max cpu time": "RLIMIT_CPU",
  "Max file size": "RLIMIT_FSIZE",
  "Max data size": "RLIMIT_DATA",
  "Max stack size": "RLIMIT_STACK",
  "Max core file size": "RLIMIT_CORE",
  "Max resident set": "RLIMIT_RSS",
  "Max processes": "RLIMIT_NPROC",
  "Max open files": "RLIMIT_NOFILE",
  "Max locked memory": "RLIMIT_MEMLOCK",
  "Max address space": "RLIMIT_AS",
  "Max file locks": "RLIMIT_LOCKS",
  "Max pending signals": "RLIMIT_SIGPENDING",
  "Max msgqueue size": "RLIMIT_MSGQUEUE",
  "Max nice priority": "RLIMIT_NICE",
  "Max realtime priority": "RLIMIT_RTPRIO",
  "Max realtime timeout": "RLIMIT_RTTIME",
};

/** Every limit that there is. */
export const knownLimits: ReadonlySet<string> = new Set(Object.values(limitNames));

/** Reads /proc/self/limits: the hard limits that are not unlimited. */
export function parseLimits(text: string): Map<string, number> {
  const limits = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/.exec(line);
    const name = limitNames[match?.[1] ?? ""];
    if (name !== undefined && match?.[3] !== "unlimited") limits.set(name, Number(match?.[3]));
  }
  return limits;
}

function capabilityMask(status: string, field: string): bigint {
  return BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)`, "m").exec(status)?.[1] ?? "0"}`);
}

function hasAppArmor(): boolean {
  try {
    return readFileSync("/sys/module/apparmor/parameters/enabled", "utf8").startsWith("Y");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

function read(): Machine {
  const status = readFileSync("/proc/self/status", "utf8");
  const bounding = capabilityMask(status, "CapBnd");
  const [major = 0, minor = 0] = readFileSync("/proc/sys/kernel/osrelease", "utf8")
    .split(".", 2)
    .map(Number.parseFloat);
  const hasCgroupV2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
  const exists = (path: string): boolean => existsSync(`/sys/fs/cgroup/${path}`);
  return {
    capabilities: capabilityNames.filter((_, number) => (bounding & (1n << BigInt(number))) !== 0n),
    canExceedLimits: (capabilityMask(status, "CapEff") & (1n << sysResource)) !== 0n,
    hardLimits: parseLimits(readFileSync("/proc/self/limits", "utf8")),
    oomScoreAdj: Number(readFileSync("/proc/self/oom_score_adj", "utf8")),
    hasCgroupV2,
    hasSwapLimit: hasCgroupV2 || exists("memory/memory.memsw.limit_in_bytes"),
    hasBlockIoWeight: hasCgroupV2 || exists("blkio/blkio.weight") || exists("blkio/blkio.bfq.weight"),
    hasAppArmor: hasAppArmor(),
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    kernel: [major, minor],
  };
}

let known: Machine | undefined;

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  known ??= read();
  return known;
}
