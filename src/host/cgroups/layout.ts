/**
 * Where the kernel's control groups are mounted. Three layouts exist: v2 alone; v1 hierarchies with an empty v2 tree
 * beside them (hybrid); v1 alone. A container's group has the same path in each hierarchy.
 */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, unsupported } from "../../base/errors.ts";
import { mount } from "../libc.ts";

/** The layout of this machine. */
export interface CgroupLayout {
  /** 2 only where v2 is alone: a hybrid layout is used as v1. */
  readonly version: 1 | 2;
  /** Mount points of all hierarchies; the unified one alone for version 2. */
  readonly hierarchies: readonly CgroupHierarchy[];
}

/** One mounted hierarchy. */
export interface CgroupHierarchy {
  readonly mountPoint: string;
  /** `memory`, `cpu`…, `name=systemd`; empty for the unified hierarchy, whose controllers are read from its files. */
  readonly controllers: readonly string[];
}

const root = "/sys/fs/cgroup";

/** Reads the layout from the text of /proc/self/mountinfo; undefined when no cgroup file system is mounted. */
export function parseCgroupLayout(mountinfo: string): CgroupLayout | undefined {
  const v1: CgroupHierarchy[] = [];
  const v2: CgroupHierarchy[] = [];
  for (const line of mountinfo.split("\n")) {
    const [before, after] = line.split(" - ");
    const mountPoint = before?.split(" ")[4];
    const [type, , options] = after?.split(" ") ?? [];
    if (mountPoint === undefined || !(mountPoint === root || mountPoint.startsWith(`${root}/`))) continue;
    if (type === "cgroup2") v2.push({ mountPoint, controllers: [] });
    if (type !== "cgroup") continue;
    const controllers = (options ?? "").split(",").filter((option) => !["rw", "ro", "xattr"].includes(option));
    v1.push({ mountPoint, controllers });
  }
  if (v1.length > 0) return { version: 1, hierarchies: [...v1, ...v2] };
  const unified = v2[0];
  return unified === undefined ? undefined : { version: 2, hierarchies: [unified] };
}

/**
 * crun refuses a hybrid layout whose v2 tree still has a controller; each such is mounted as v1, as it would be on a
 * machine without v2. Returns whether anything was mounted.
 */
async function mountStrayControllers(layout: CgroupLayout): Promise<boolean> {
  const unified = layout.hierarchies.find(({ controllers }) => controllers.length === 0);
  if (layout.version === 2 || unified === undefined) return false;
  const stray = (await readFile(join(unified.mountPoint, "cgroup.controllers"), "utf8")).trim();
  if (stray === "") return false;
  for (const controller of stray.split(" ")) {
    const mountPoint = join(root, controller);
    await mkdir(mountPoint, { recursive: true });
    try {
      mount("cgroup", mountPoint, "cgroup", 0, controller);
    } catch (error) {
      // Another engine did it in the same moment.
      if (!hasCode(error, "EBUSY")) throw error;
    }
  }
  return true;
}

/** Finds the layout, after making a hybrid one usable. Errors: unsupported when no cgroups are mounted. */
export async function openCgroupLayout(): Promise<CgroupLayout> {
  const read = async (): Promise<CgroupLayout> => {
    const layout = parseCgroupLayout(await readFile("/proc/self/mountinfo", "utf8"));
    if (layout !== undefined) return layout;
    throw unsupported(`no control groups are mounted at ${root}`, {
      hint: `mount -t cgroup2 cgroup2 ${root}`,
    });
  };
  const layout = await read();
  return (await mountStrayControllers(layout)) ? read() : layout;
}
