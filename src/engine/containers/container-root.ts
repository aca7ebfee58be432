/**
 * A container's file system as the container has it, for the verbs that copy. Of one that runs it is its first
 * process's root, with all mounts; of one that does not, the snapshot and the binds, mounted for the time of the call.
 */
import { closeSync, constants, openSync, readlinkSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { hasCode, notFound } from "../../base/errors.ts";
import { MS, mount } from "../../host/libc.ts";
import { startTimeOf } from "../../host/processes.ts";
import { makeFolderInRoot, openInRoot, pathOnly } from "../../host/root-path.ts";
import type { ContainersDeps } from "./deps.ts";
import type { ContainerRecord } from "./record.ts";
import type { Container, ContainerTable } from "./table.ts";

/** An open root; what is opened below it stays usable after the container ends. */
export interface ContainerRoot {
  readonly fd: number;
  /** A path that leads to it for as long as `fd` is open. */
  readonly path: string;
  /** Where the kernel's own file systems are (`/proc`, `/sys`, `/dev`): nothing is copied from or to there. */
  readonly kernelPlaces: readonly string[];
  readonly isLive: boolean;
}

/** Runs a task while no other changes the container's state. */
export type InTurn = <T>(container: Container, task: () => Promise<T>) => Promise<T>;

/** What the verbs on a container's files work with. */
export interface RootDeps {
  readonly deps: ContainersDeps;
  readonly table: ContainerTable;
  readonly inTurn: InTurn;
}

const kernelTypes = new Set(["proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue"]);

/** Whether `path` is `place` or below it. */
export function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(place === "/" ? "/" : `${place}/`);
}

/** The places of the kernel's file systems in the text of a mountinfo file, except where the user has something. */
export function kernelPlacesOf(mountinfo: string, users: readonly string[]): string[] {
  const places: string[] = [];
  for (const line of mountinfo.split("\n")) {
    const fields = line.split(" ");
    const place = (fields[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    );
    const type = fields[fields.indexOf("-") + 1] ?? "";
    const isKernels = kernelTypes.has(type) || (place === "/dev" && type === "tmpfs");
    if (isKernels && !users.includes(place) && !places.some((known) => isWithin(place, known))) places.push(place);
  }
  return places;
}

async function openLive({ record }: Container): Promise<ContainerRoot | undefined> {
  const { process } = record.state;
  if (process === null) return undefined;
  let fd: number;
  try {
    fd = openSync(`/proc/${process.pid}/root`, pathOnly | constants.O_DIRECTORY);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES")) return undefined;
    throw error;
  }
  try {
    const mountinfo = await readFile(`/proc/${process.pid}/mountinfo`, "utf8");
    if (startTimeOf(process.pid) === process.startTime) {
      const users = record.mounts.map(({ Destination }) => Destination);
      return { fd, path: `/proc/self/fd/${fd}`, kernelPlaces: kernelPlacesOf(mountinfo, users), isLive: true };
    }
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ESRCH", "EINVAL")) throw error;
  }
  closeSync(fd);
  return undefined;
}

/** Binds of a container that does not run, onto its mounted snapshot: unmounting that takes them along. */
function mountBinds(record: ContainerRecord, mountPoint: string): void {
  const depth = (path: string): number => path.split("/").length;
  const binds = record.mounts.filter((each) => each.Type !== "tmpfs" && each.Source.startsWith("/"));
  for (const { Source, Destination, RW } of binds.sort((a, b) => depth(a.Destination) - depth(b.Destination))) {
    const source = statSync(Source, { throwIfNoEntry: false });
    if (source === undefined) continue;
    if (source.isDirectory()) makeFolderInRoot(mountPoint, Destination);
    else {
      makeFolderInRoot(mountPoint, posix.dirname(Destination));
      closeSync(openInRoot(mountPoint, Destination, constants.O_CREAT | constants.O_RDONLY | constants.O_NONBLOCK));
    }
    const place = openInRoot(mountPoint, Destination, pathOnly);
    try {
      mount(Source, `/proc/self/fd/${place}`, "", MS.BIND | MS.REC);
    } finally {
      closeSync(place);
    }
    const mounted = openInRoot(mountPoint, Destination, pathOnly);
    try {
      // Private, lest unmounting unmounts the source's own submounts too.
      mount("", `/proc/self/fd/${mounted}`, "", MS.PRIVATE | MS.REC);
      if (!RW) mount("", `/proc/self/fd/${mounted}`, "", MS.BIND | MS.REMOUNT | MS.RDONLY);
    } finally {
      closeSync(mounted);
    }
  }
}

async function useAndClose<T>(root: ContainerRoot, task: (root: ContainerRoot) => Promise<T>): Promise<T> {
  try {
    return await task(root);
  } finally {
    closeSync(root.fd);
  }
}

async function withMounted<T>(
  { deps, table }: RootDeps,
  container: Container,
  withBinds: boolean,
  task: (root: ContainerRoot) => Promise<T>,
): Promise<T> {
  if (table.byId(container.id) === undefined || container.record.state.status === "removing") {
    throw notFound(`No such container: ${container.id}`);
  }
  const { record } = container;
  // Its process has ended and its exit is yet to be handled: that will unmount.
  const isEnding = record.state.process !== null;
  try {
    const { mountPoint } = await deps.snapshots.mount(container.id, { isVolatile: record.hostConfig.AutoRemove });
    if (withBinds && !isEnding) mountBinds(record, mountPoint);
    const fd = openSync(mountPoint, pathOnly | constants.O_DIRECTORY);
    const root = { fd, path: `/proc/self/fd/${fd}`, kernelPlaces: [], isLive: false };
    return await useAndClose(root, task);
  } finally {
    if (!isEnding) await deps.snapshots.unmount(container.id);
  }
}

/** Runs `task` with a container's root, open until its end. Errors: not-found when it was removed meanwhile. */
export async function withContainerRoot<T>(
  parts: RootDeps,
  container: Container,
  task: (root: ContainerRoot) => Promise<T>,
): Promise<T> {
  const live = await openLive(container);
  if (live !== undefined) return useAndClose(live, task);
  return parts.inTurn(container, async () => {
    const started = await openLive(container);
    return started === undefined ? withMounted(parts, container, true, task) : useAndClose(started, task);
  });
}

/** Runs `task` with a container's own file system, without what is mounted into it. Errors: as {@link withContainerRoot}. */
export async function withOwnTree<T>(
  parts: RootDeps,
  container: Container,
  task: (folder: string, isLive: boolean) => Promise<T>,
): Promise<T> {
  const open = (): number | undefined => {
    if (container.record.state.process === null) return undefined;
    const mountPoint = parts.deps.snapshots.get(container.id)?.mountPoint ?? "";
    return openSync(mountPoint, pathOnly | constants.O_DIRECTORY);
  };
  const use = async (fd: number): Promise<T> => {
    try {
      return await task(`/proc/self/fd/${fd}`, true);
    } finally {
      closeSync(fd);
    }
  };
  const fd = open();
  if (fd !== undefined) return use(fd);
  return parts.inTurn(container, async () => {
    const started = open();
    if (started !== undefined) return use(started);
    return withMounted(parts, container, false, (root) => task(root.path, false));
  });
}

/** Where an open descriptor is, as seen from the root. */
export function pathWithin(root: ContainerRoot, fd: number): string {
  const base = readlinkSync(root.path);
  const path = readlinkSync(`/proc/self/fd/${fd}`);
  return base === "/" ? path : path === base ? "/" : path.slice(base.length);
}
