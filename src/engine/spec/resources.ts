/** The limits of a container's cgroup. */
import { stat } from "node:fs/promises";
import { hasCode, internal } from "../../base/errors.ts";
import type { HostConfig, ThrottleDevice as RequestedThrottle } from "../../wire/docker/containers.ts";
import type { DeviceRule, Resources, ThrottleDevice } from "../../wire/oci/runtime-spec.ts";
import { deviceNumbers } from "./devices.ts";
import type { Machine } from "./machine.ts";

/** The part of a {@link Machine} that resources depend on: what its cgroups cannot do is left out. */
export type AccountingMachine = Pick<Machine, "hasCgroupV2" | "hasSwapLimit" | "hasBlockIoWeight">;

const cpuPeriod = 100_000;
const nanosPerCpu = 1e9;

async function numbersOf(path: string): Promise<{ major: number; minor: number }> {
  try {
    return deviceNumbers((await stat(path)).rdev);
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw internal(`stat ${path}: no such file or directory`);
    throw error;
  }
}

function throttles(devices: readonly RequestedThrottle[] | null): Promise<ThrottleDevice[]> {
  return Promise.all((devices ?? []).map(async ({ Path, Rate }) => ({ ...(await numbersOf(Path)), rate: Rate })));
}

function cpuOf(host: HostConfig, machine: AccountingMachine): Resources["cpu"] {
  const isRealtimePossible = !machine.hasCgroupV2;
  const cpu: NonNullable<Resources["cpu"]> = {};
  if (host.CpuShares > 0) cpu.shares = host.CpuShares;
  if (host.NanoCpus > 0) {
    cpu.period = cpuPeriod;
    cpu.quota = Math.trunc((host.NanoCpus * cpuPeriod) / nanosPerCpu);
  }
  if (host.CpuQuota !== 0) cpu.quota = host.CpuQuota;
  if (host.CpuPeriod !== 0) cpu.period = host.CpuPeriod;
  if (host.CpuRealtimePeriod !== 0 && isRealtimePossible) cpu.realtimePeriod = host.CpuRealtimePeriod;
  if (host.CpuRealtimeRuntime !== 0 && isRealtimePossible) cpu.realtimeRuntime = host.CpuRealtimeRuntime;
  if (host.CpusetCpus !== "") cpu.cpus = host.CpusetCpus;
  if (host.CpusetMems !== "") cpu.mems = host.CpusetMems;
  return cpu;
}

function memoryOf(host: HostConfig, machine: AccountingMachine): Resources["memory"] {
  const memory: NonNullable<Resources["memory"]> = {};
  if (host.Memory > 0) memory.limit = host.Memory;
  if (host.MemoryReservation > 0) memory.reservation = host.MemoryReservation;
  if (host.MemorySwap > 0 && machine.hasSwapLimit) memory.swap = host.MemorySwap;
  // Neither exists in cgroup v2, where crun would refuse them.
  if (!machine.hasCgroupV2) {
    if (host.MemorySwappiness !== null) memory.swappiness = host.MemorySwappiness;
    if (host.OomKillDisable === true) memory.disableOOMKiller = true;
  }
  return memory;
}

async function blockIoOf(host: HostConfig, machine: AccountingMachine): Promise<Resources["blockIO"]> {
  const [readBps, writeBps, readIops, writeIops] = await Promise.all([
    throttles(host.BlkioDeviceReadBps),
    throttles(host.BlkioDeviceWriteBps),
    throttles(host.BlkioDeviceReadIOps),
    throttles(host.BlkioDeviceWriteIOps),
  ]);
  const weightDevice = machine.hasBlockIoWeight
    ? await Promise.all(
        (host.BlkioWeightDevice ?? []).map(async ({ Path, Weight }) => ({
          ...(await numbersOf(Path)),
          weight: Weight,
        })),
      )
    : [];
  return {
    ...(host.BlkioWeight > 0 && machine.hasBlockIoWeight && { weight: host.BlkioWeight }),
    ...(weightDevice.length > 0 && { weightDevice }),
    ...(readBps.length > 0 && { throttleReadBpsDevice: readBps }),
    ...(writeBps.length > 0 && { throttleWriteBpsDevice: writeBps }),
    ...(readIops.length > 0 && { throttleReadIOPSDevice: readIops }),
    ...(writeIops.length > 0 && { throttleWriteIOPSDevice: writeIops }),
  };
}

/** The resources of a container; only what is asked for. Errors: internal, with Docker's texts for missing devices. */
export async function resourcesOf(
  host: HostConfig,
  devices: readonly DeviceRule[],
  machine: AccountingMachine,
): Promise<Resources> {
  const asked = { memory: memoryOf(host, machine), cpu: cpuOf(host, machine), blockIO: await blockIoOf(host, machine) };
  const resources: Resources = { devices };
  for (const [name, value] of Object.entries(asked)) {
    if (Object.keys(value ?? {}).length > 0) Object.assign(resources, { [name]: value });
  }
  if (host.PidsLimit !== null && host.PidsLimit > 0) resources.pids = { limit: host.PidsLimit };
  return resources;
}
