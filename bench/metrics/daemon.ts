/** The daemon by itself: small answers, and memory. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Metric, timed } from "../metric.ts";
import { atOnce, create, removeAll, type Side } from "../side.ts";

interface ProcessMemory {
  readonly parent: number;
  /** Proportional set size in KiB: shared pages are divided among those who share them. */
  readonly pss: number;
}

/** All processes of this PID namespace, without those inside containers, which have namespaces of their own. */
function processes(): Map<number, ProcessMemory> {
  const own = readlinkSync("/proc/self/ns/pid");
  const found = new Map<number, ProcessMemory>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (readlinkSync(`/proc/${name}/ns/pid`) !== own) continue;
      const pss = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/smaps_rollup`, "utf8"))?.[1] ?? 0);
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      found.set(Number(name), { parent, pss });
    } catch {
      // It ended while it was read.
    }
  }
  return found;
}

function isBelow(pid: number, root: number, all: ReadonlyMap<number, ProcessMemory>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = all.get(at)?.parent)
    if (at === root) return true;
  return false;
}

/** MiB of the daemon, of what it started, and of what is there now and was not in `before`. */
function memoryOf(side: Side, before: ReadonlyMap<number, ProcessMemory> | undefined): number {
  if (side.pid === 0) throw new Error("the daemon's process is not known");
  const all = processes();
  let sum = 0;
  for (const [pid, { pss }] of all) {
    const isNew = before !== undefined && !before.has(pid);
    if (isNew || isBelow(pid, side.pid, all)) sum += pss;
  }
  return sum / 1024;
}

const idle: Metric = {
  name: "daemon_pss_idle",
  unit: "MiB",
  better: "lower",
  rounds: 1,
  measure: async (side) => memoryOf(side, undefined),
};

function repeated(name: string, path: string, count: number): Metric {
  return {
    name,
    unit: "ms",
    better: "lower",
    rounds: 3,
    warmUps: 1,
    measure: async (side) => {
      const took = await timed(async () => {
        for (let index = 0; index < count; index++) await side.api("GET", path);
      });
      return took / count;
    },
  };
}

const ps: Metric = {
  name: "ps_cli",
  unit: "ms",
  better: "lower",
  rounds: 11,
  warmUps: 2,
  measure: (side) => timed(() => side.docker(["ps"])),
};

const crowd = 40;

/** Creates and starts 40 containers, 8 at a time, and checks that they run; gives containers per second. */
async function startCrowd(side: Side, network: string): Promise<number> {
  const all = Array.from({ length: crowd }, (_, index) => index);
  const took = await timed(() =>
    atOnce(8, all, async () => {
      const id = await create(side, network, ["sleep", "1000"]);
      await side.api("POST", `/containers/${id}/start`);
    }),
  );
  const running = (await side.api("GET", "/containers/json")).json().length;
  if (running !== crowd) throw new Error(`${running} of ${crowd} containers run`);
  return crowd / (took / 1000);
}

function startRate(network: string): Metric {
  return {
    name: `start_c8_${network}`,
    unit: "/s",
    better: "higher",
    rounds: 3,
    required: 3,
    before: removeAll,
    measure: (side) => startCrowd(side, network),
    after: removeAll,
  };
}

const memory: Metric = {
  name: "memory_40",
  unit: "MiB",
  better: "lower",
  rounds: 1,
  // "Less": anything above 1.
  required: 1,
  before: removeAll,
  measure: async (side) => {
    const before = processes();
    await startCrowd(side, "bridge");
    // What was needed only to start them is given back by then.
    await sleep(2000);
    return memoryOf(side, before);
  },
};

const list: Metric = {
  name: "api_list_40",
  unit: "ms",
  better: "lower",
  rounds: 3,
  warmUps: 1,
  measure: async (side) => {
    const count = 20;
    const took = await timed(async () => {
      for (let index = 0; index < count; index++) {
        const items = (await side.api("GET", "/containers/json")).json().length;
        if (items !== crowd) throw new Error(`${items} containers are listed, not ${crowd}`);
      }
    });
    return took / count;
  },
};

const removal: Metric = {
  name: "rm_force_c4",
  unit: "/s",
  better: "higher",
  rounds: 1,
  measure: async (side) => {
    const all: { Id: string }[] = (await side.api("GET", "/containers/json?all=1")).json();
    if (all.length !== crowd) throw new Error(`${all.length} containers are there, not ${crowd}`);
    const took = await timed(() => atOnce(4, all, ({ Id }) => side.api("DELETE", `/containers/${Id}?force=1`)));
    const left = (await side.api("GET", "/containers/json?all=1")).json().length;
    if (left !== 0) throw new Error(`${left} containers are left`);
    return crowd / (took / 1000);
  },
};

/** Memory of the untouched daemon, and small answers: measured first. */
export const idleMetrics: readonly Metric[] = [
  idle,
  repeated("api_ping", "/_ping", 200),
  repeated("api_info", "/info", 20),
  ps,
];

/** Many containers; the last three use the 40 that memory_40 leaves. */
export const crowdMetrics: readonly Metric[] = [
  startRate("none"),
  startRate("bridge"),
  memory,
  list,
  { ...ps, name: "ps_cli_40" },
  removal,
];
