/**
 * The control groups of one engine's containers: `/<tag>/<id>` in every hierarchy. crun makes them; here they are read,
 * frozen, killed and removed by their files, which takes microseconds where a program would take milliseconds.
 */
import { readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deadline, hasCode } from "../../base/errors.ts";
import { kill } from "../libc.ts";
import { type CgroupLayout, openCgroupLayout } from "./layout.ts";
import { availableSets, type CgroupLimits, writeCgroupLimits } from "./limits.ts";
import { type CgroupStats, readCgroupStats } from "./stats.ts";

/** Groups below one parent. Wherever `id` names no group, nothing happens and nothing is found. */
export interface Cgroups {
  readonly layout: CgroupLayout;
  /** The path of a container's group, as `linux.cgroupsPath` takes it. */
  pathOf(id: string): string;
  /** Host pids of the group and all below. */
  pids(id: string): Promise<number[]>;
  /** Stops every process; returns when all have stopped. Errors: deadline. */
  freeze(id: string): Promise<void>;
  thaw(id: string): Promise<void>;
  /** SIGKILL to every process, also to those forked meanwhile. */
  killAll(id: string): Promise<void>;
  /** Removes the group and all below it; false when processes are left in it. */
  remove(id: string): Promise<boolean>;
  /** What a group has used so far. */
  stats(id: string): Promise<CgroupStats>;
  /** Changes limits of a group. Errors: internal when the kernel refuses. */
  limit(id: string, limits: CgroupLimits): Promise<void>;
  /** Processors and memory nodes that groups can be given, as `0-3,5`. */
  available(): Promise<{ readonly cpus: string; readonly mems: string }>;
  /** Ids of all groups that exist. */
  list(): Promise<string[]>;
  /**
   * Prepares the kernel for moving a process into a group. The first move after a pause waits for a grace period of
   * some ten milliseconds; starting that wait while conmon starts hides it. Costs nothing when the kernel is warm.
   */
  prepareMove(): void;
  /** Removes the parent of all groups if nothing is below it any more. */
  removeParent(): Promise<void>;
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENODEV")) return [];
    throw error;
  }
}

async function pidsBelow(folder: string, into: number[]): Promise<void> {
  let text: string;
  try {
    text = await readFile(join(folder, "cgroup.procs"), "latin1");
  } catch (error) {
    // EOPNOTSUPP: a threaded group of v2, whose processes are listed above it.
    if (!hasCode(error, "ENOENT", "ENODEV", "EOPNOTSUPP")) throw error;
    text = "";
  }
  for (const line of text.split("\n")) if (line !== "") into.push(Number(line));
  for (const child of await entriesOf(folder)) await pidsBelow(join(folder, child), into);
}

/** Removes a group and those below it; whether it is gone. */
async function removeTree(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return true;
    if (!hasCode(error, "EBUSY", "ENOTEMPTY")) throw error;
  }
  const children = await entriesOf(folder);
  if (children.length === 0) return false;
  const removed = await Promise.all(children.map((child) => removeTree(join(folder, child))));
  return removed.every(Boolean) && (await removeTree(folder));
}

async function writeIfPresent(path: string, value: string): Promise<boolean> {
  try {
    await writeFile(path, value, { flag: "r+" });
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENODEV")) return false;
    throw error;
  }
}

/** Freezing waits for every thread to reach the kernel's border; one stuck in a device may never do. */
const freezeDeadline = 10_000;

async function waitFor(path: string, isThere: (text: string) => boolean): Promise<void> {
  const end = Date.now() + freezeDeadline;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    if (isThere(await readFile(path, "latin1"))) return;
    if (Date.now() > end) throw deadline(`${path} did not change within ${freezeDeadline / 1000} seconds`);
    await sleep(pause);
  }
}

function signal(pid: number): void {
  try {
    kill(pid, 9);
  } catch (error) {
    if (!hasCode(error, "ESRCH")) throw error;
  }
}

/** Finds this process's own group in the hierarchy at `mountPoint`, from the text of /proc/self/cgroup. */
function ownGroup(text: string, layout: CgroupLayout): string | undefined {
  const hierarchy = layout.hierarchies[0];
  if (hierarchy === undefined) return undefined;
  const wanted = hierarchy.controllers.join(",");
  const line = text.split("\n").find((candidate) => candidate.split(":")[1] === wanted);
  return line === undefined ? undefined : join(hierarchy.mountPoint, line.split(":").slice(2).join(":"));
}

/** Opens the groups below `/<tag>`. Errors: unsupported when the machine has no cgroups. */
export async function openCgroups(tag: string): Promise<Cgroups> {
  const layout = await openCgroupLayout();
  const parents = layout.hierarchies.map(({ mountPoint }) => join(mountPoint, tag));
  const freezer = layout.hierarchies.find(({ controllers }) => controllers.includes("freezer"));
  const main = join((layout.version === 2 ? layout.hierarchies[0] : freezer)?.mountPoint ?? "/sys/fs/cgroup", tag);
  const own = ownGroup(await readFile("/proc/self/cgroup", "utf8"), layout);

  const pids = async (id: string): Promise<number[]> => {
    const found: number[] = [];
    await pidsBelow(join(main, id), found);
    return found;
  };
  const setFrozen = async (id: string, frozen: boolean): Promise<void> => {
    const group = join(main, id);
    if (layout.version === 2) {
      if (!(await writeIfPresent(join(group, "cgroup.freeze"), frozen ? "1" : "0"))) return;
      await waitFor(join(group, "cgroup.events"), (text) => text.includes(`frozen ${frozen ? 1 : 0}`));
    } else {
      const state = frozen ? "FROZEN" : "THAWED";
      if (!(await writeIfPresent(join(group, "freezer.state"), state))) return;
      await waitFor(join(group, "freezer.state"), (text) => text.startsWith(state));
    }
  };

  return {
    layout,
    pathOf: (id) => `/${tag}/${id}`,
    pids,
    freeze: (id) => setFrozen(id, true),
    thaw: (id) => setFrozen(id, false),
    killAll: async (id) => {
      if (layout.version === 2 && (await writeIfPresent(join(main, id, "cgroup.kill"), "1"))) return;
      // Without cgroup.kill a process can fork between reading and killing: repeat until nobody is left.
      for (let round = 0; round < 50; round++) {
        const left = await pids(id);
        if (left.length === 0) return;
        for (const pid of left) signal(pid);
        // A frozen process takes its signal only when it is let go.
        await setFrozen(id, false);
        await sleep(Math.min(round + 1, 20));
      }
    },
    remove: async (id) => {
      const removed = await Promise.all(parents.map((parent) => removeTree(join(parent, id))));
      return removed.every(Boolean);
    },
    stats: (id) => readCgroupStats(layout, `/${tag}/${id}`),
    limit: (id, limits) => writeCgroupLimits(layout, `/${tag}/${id}`, limits),
    available: () => availableSets(layout),
    list: async () => {
      const lists = await Promise.all(parents.map(entriesOf));
      return [...new Set(lists.flat())];
    },
    removeParent: async () => {
      for (const parent of parents) {
        await rmdir(parent).catch((error: unknown) => {
          if (!hasCode(error, "ENOENT", "EBUSY", "ENOTEMPTY")) throw error;
        });
      }
    },
    prepareMove: () => {
      // Moving this process to where it already is changes nothing, but takes and keeps the lock that a move needs.
      if (own !== undefined) writeFile(join(own, "cgroup.procs"), String(process.pid), { flag: "r+" }).catch(() => {});
    },
  };
}
