/** All mounts of a container, in the order in which they are made. Pure. */
import type { HostConfig } from "../../wire/docker/containers.ts";
import type { Mount } from "../../wire/oci/runtime-spec.ts";
import { initMount } from "./init.ts";

/** The files on the host that a container sees as its own. */
export interface NetworkFiles {
  readonly hostnamePath: string;
  readonly hostsPath: string;
  readonly resolvConfPath: string;
}

const strict = ["nosuid", "noexec", "nodev"];

/** What every container has, as Docker. `isCgroupWritable` is for privileged ones, or as asked. */
function systemMounts(
  host: Pick<HostConfig, "Privileged" | "IpcMode" | "ShmSize">,
  isCgroupWritable: boolean,
  shmPath: string | undefined,
): Mount[] {
  const system = (destination: string, type: string, source: string, options: string[]): Mount => ({
    destination,
    type,
    source,
    options,
  });
  const mounts = [
    system("/proc", "proc", "proc", strict),
    system("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    system("/dev/pts", "devpts", "devpts", [
      ...["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    ]),
    system("/sys", "sysfs", "sysfs", host.Privileged ? strict : [...strict, "ro"]),
    system("/sys/fs/cgroup", "cgroup", "cgroup", isCgroupWritable ? strict : ["ro", ...strict]),
    system("/dev/mqueue", "mqueue", "mqueue", strict),
  ];
  const shared = host.IpcMode === "host" ? "/dev/shm" : shmPath;
  if (shared !== undefined) {
    mounts.push(system("/dev/shm", "bind", shared, ["rbind", "rprivate"]));
  } else if (host.IpcMode !== "none") {
    mounts.push(system("/dev/shm", "tmpfs", "shm", [...strict, "mode=1777", `size=${host.ShmSize}`]));
  }
  return mounts;
}

function networkMounts(files: NetworkFiles, isReadOnly: boolean): Mount[] {
  const options = ["rbind", ...(isReadOnly ? ["ro"] : []), "rprivate"];
  return [
    { destination: "/etc/resolv.conf", type: "bind", source: files.resolvConfPath, options },
    { destination: "/etc/hostname", type: "bind", source: files.hostnamePath, options },
    { destination: "/etc/hosts", type: "bind", source: files.hostsPath, options },
  ];
}

function depthOf({ destination }: Mount): number {
  return destination.split("/").length;
}

/**
 * The system's mounts, then the network files and the user's, parents before children. What the user mounts takes the
 * place of ours, and a /dev of the user's that of all below it.
 */
export function mountsOf(
  host: Pick<HostConfig, "Privileged" | "IpcMode" | "ShmSize" | "ReadonlyRootfs">,
  options: {
    user: readonly Mount[];
    files: NetworkFiles;
    init?: string | undefined;
    shmPath?: string | undefined;
    isCgroupWritable: boolean;
  },
): Mount[] {
  const taken = new Set(options.user.map((mount) => mount.destination));
  const isFree = ({ destination }: Mount): boolean =>
    !taken.has(destination) && !(taken.has("/dev") && destination.startsWith("/dev/"));
  const ordered = [...networkMounts(options.files, host.ReadonlyRootfs).filter(isFree), ...options.user].sort(
    (a, b) => depthOf(a) - depthOf(b),
  );
  const init = options.init === undefined ? [] : [initMount(options.init)];
  return [...systemMounts(host, options.isCgroupWritable, options.shmPath).filter(isFree), ...ordered, ...init];
}
