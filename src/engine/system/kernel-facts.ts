import { access, readdir, readFile, statfs } from "node:fs/promises";
import { hasCode } from "../../base/errors.ts";

/** What the kernel can limit, and how it is set up. */
export interface KernelFacts {
  readonly cgroupVersion: "1" | "2";
  readonly memoryLimit: boolean;
  readonly swapLimit: boolean;
  readonly kernelMemoryTcp: boolean;
  readonly cpuCfs: boolean;
  readonly cpuShares: boolean;
  readonly cpuset: boolean;
  readonly pidsLimit: boolean;
  readonly oomKillDisable: boolean;
  readonly seccomp: boolean;
}

const cgroupRoot = "/sys/fs/cgroup";

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The text of a file of the kernel without its last newline; empty when there is none. */
export async function readKernelFile(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trimEnd();
  } catch (error) {
    if (hasCode(error, "ENOENT", "EACCES", "EINVAL")) return "";
    throw error;
  }
}

async function hasSeccomp(): Promise<boolean> {
  return (await readKernelFile("/proc/sys/kernel/seccomp/actions_avail")).includes("errno");
}

async function version2(): Promise<KernelFacts> {
  const controllers = (await readKernelFile(`${cgroupRoot}/cgroup.controllers`)).split(" ");
  const has = (name: string): boolean => controllers.includes(name);
  return {
    cgroupVersion: "2",
    memoryLimit: has("memory"),
    swapLimit: has("memory") && !(await readKernelFile("/proc/cmdline")).includes("swapaccount=0"),
    kernelMemoryTcp: false,
    cpuCfs: has("cpu"),
    cpuShares: has("cpu"),
    cpuset: has("cpuset"),
    pidsLimit: has("pids"),
    oomKillDisable: false,
    seccomp: await hasSeccomp(),
  };
}

async function version1(): Promise<KernelFacts> {
  const has = (file: string): Promise<boolean> => exists(`${cgroupRoot}/${file}`);
  const [memoryLimit, swapLimit, kernelMemoryTcp, oomKillDisable, cpuCfs, cpuShares, cpuset, pidsLimit] =
    await Promise.all([
      has("memory/memory.limit_in_bytes"),
      has("memory/memory.memsw.limit_in_bytes"),
      has("memory/memory.kmem.tcp.limit_in_bytes"),
      has("memory/memory.oom_control"),
      has("cpu/cpu.cfs_quota_us"),
      has("cpu/cpu.shares"),
      has("cpuset/cpuset.cpus"),
      has("pids"),
    ]);
  return {
    cgroupVersion: "1",
    memoryLimit,
    swapLimit,
    kernelMemoryTcp,
    oomKillDisable,
    cpuCfs,
    cpuShares,
    cpuset,
    pidsLimit,
    seccomp: await hasSeccomp(),
  };
}

/** Asks the kernel. */
export async function readKernelFacts(): Promise<KernelFacts> {
  return (await exists(`${cgroupRoot}/cgroup.controllers`)) ? version2() : version1();
}

/** Whether the kernel passes packets between interfaces, without which containers reach nothing outside. */
export async function forwardsIpv4(): Promise<boolean> {
  return (await readKernelFile("/proc/sys/net/ipv4/ip_forward")) === "1";
}

/** How many file descriptors this process has open. */
export async function countFileDescriptors(): Promise<number> {
  return (await readdir("/proc/self/fd")).length;
}

const fileSystemNames: Readonly<Record<number, string>> = {
  61267: "extfs",
  1481003842: "xfs",
  2435016766: "btrfs",
  16914836: "tmpfs",
  2035054128: "overlayfs",
  801189825: "zfs",
  4076150800: "f2fs",
  26985: "nfs",
};

/** The name of the file system that holds a path, as Docker calls it; `<unknown>` for others. */
export async function fileSystemOf(path: string): Promise<string> {
  return fileSystemNames[(await statfs(path)).type] ?? "<unknown>";
}
