/** What the host has that an engine could leave behind, to compare before and after. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Sorted lines of each kind; equal snapshots mean that nothing came or went. */
export interface HostSnapshot {
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly namespaces: readonly string[];
  readonly cgroups: readonly string[];
  readonly firewall: readonly string[];
  readonly processes: readonly string[];
}

function output(command: string, args: readonly string[]): string[] {
  const { stdout, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (error !== undefined) throw error;
  return stdout.split("\n").filter((line) => line !== "");
}

/** Where control groups are mounted. */
export function cgroupRoots(): string[] {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "));
  return mounts.filter(([, , type]) => type?.startsWith("cgroup")).map(([, path]) => path ?? "");
}

function cgroups(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return inside.flatMap((entry) => [join(folder, entry.name), ...cgroups(join(folder, entry.name))]);
}

/** All processes: their number, program and arguments. Those that end meanwhile are left out. */
export function processes(): { pid: number; command: string; cgroup: string }[] {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return [{ pid: Number(pid), command, cgroup: readFileSync(`/proc/${pid}/cgroup`, "utf8") }];
    } catch {
      return [];
    }
  });
}

/** The rules, each with the table it is in, and without what counters count. */
function firewall(): string[] {
  let table = "";
  return output("nft", ["list", "ruleset"]).map((line) => {
    table = /^table \S+ (\S+)/.exec(line)?.[1] ?? table;
    return `${table}: ${line.trim().replace(/counter packets \d+ bytes \d+/, "counter")}`;
  });
}

/** Takes a snapshot. */
export function snapshotOfHost(): HostSnapshot {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const monitors = processes().filter(({ command }) => /\b(conmon|crun|busybox)\b/.test(command));
  return {
    mounts: mounts.map((line) => line.split(" ").slice(0, 3).join(" ")).sort(),
    links: output("ip", ["-brief", "link"])
      .map((line) => line.split(/[\s@]/)[0] ?? "")
      .sort(),
    namespaces: existsSync("/run/netns") ? readdirSync("/run/netns").sort() : [],
    cgroups: cgroupRoots().flatMap(cgroups).sort(),
    firewall: firewall().sort(),
    processes: monitors.map(({ command }) => command).sort(),
  };
}

/** Which instance is looked at: others may come and go meanwhile. */
export interface Own {
  readonly tag: string;
  readonly folder: string;
}

/** Whether a line bears the name of another instance, or is about a container that is not below the own folder. */
function isForeign(kind: keyof HostSnapshot, line: string, { tag, folder }: Own): boolean {
  if (line.includes(tag) || line.includes(folder)) return false;
  // The system's own services come and go in groups of theirs.
  if (kind === "cgroups") return true;
  return /esc[0-9a-f]{8}|[0-9a-f]{64}|escale-|\/netns/.test(line);
}

/** What is in `after` and was not in `before`, as lines such as `mounts: overlay /x overlay`. */
export function leftovers(before: HostSnapshot, after: HostSnapshot, own: Own): string[] {
  return (Object.keys(after) as (keyof HostSnapshot)[]).flatMap((kind) => {
    const known = new Map<string, number>();
    for (const line of before[kind]) known.set(line, (known.get(line) ?? 0) + 1);
    const fresh = after[kind].filter((line) => {
      const count = known.get(line) ?? 0;
      known.set(line, count - 1);
      return count <= 0 && !isForeign(kind, line, own);
    });
    return fresh.map((line) => `${kind}: ${line}`);
  });
}
