import { availableParallelism } from "node:os";
import { conflict, EscaleError, invalid, messageOf } from "../../base/errors.ts";
import type { CgroupLimits } from "../../host/cgroups/index.ts";
import type { HostConfig } from "../../wire/docker/containers.ts";
import type { ContainerUpdateRequest, ContainerUpdateResponse } from "../../wire/docker/stats.ts";
import type { ContainersDeps } from "./deps.ts";
import { isRunning } from "./record.ts";
import { refuseRestartPolicy } from "./refuse.ts";
import type { Container, ContainerTable } from "./table.ts";

const smallestMemory = 6 * 1024 * 1024;
const periodOfCpus = 100_000;
const discardedWeight = "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.";

/** The numbers of `0-3,5`. Errors: invalid with Docker's text. */
function parseSet(text: string, what: string): Set<number> {
  const numbers = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (match === null || last < first || last > 8191) {
      throw invalid(`Invalid value ${text} for cpuset ${what}: invalid format: ${part}`);
    }
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return numbers;
}

async function refuseSets(deps: ContainersDeps, request: ContainerUpdateRequest): Promise<void> {
  if (!request.CpusetCpus && !request.CpusetMems) return;
  const available = await deps.cgroups.available();
  for (const [what, noun, wanted, there] of [
    ["cpus", "CPUs", request.CpusetCpus, available.cpus],
    ["mems", "memory nodes", request.CpusetMems, available.mems],
  ] as const) {
    if (!wanted || there === "") continue;
    const known = parseSet(there, what);
    if ([...parseSet(wanted, what)].some((number) => !known.has(number))) {
      throw invalid(`Requested ${noun} are not available - requested ${wanted}, available: ${there}`);
    }
  }
}

function refuseNumbers(request: ContainerUpdateRequest, cpus: number): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 } = request;
  if (Memory !== 0 && Memory < smallestMemory) throw invalid("Minimum memory limit allowed is 6MB");
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (MemoryReservation !== 0 && MemoryReservation < smallestMemory) {
    throw invalid("Minimum memory reservation allowed is 6MB");
  }
  if (Memory > 0 && MemoryReservation > Memory) {
    throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
  for (const [name, value] of [
    ["Period", CpuPeriod],
    ["Quota", CpuQuota],
  ] as const) {
    if (NanoCpus > 0 && value !== 0) {
      throw invalid(`Conflicting options: Nano CPUs and CPU ${name} cannot both be set`);
    }
  }
  if (NanoCpus !== 0 && (NanoCpus < 0 || NanoCpus > cpus * 1e9)) {
    throw invalid(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  }
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  }
  if (CpuQuota > 0 && CpuQuota < 1000) throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
}

/** What contradicts the limits that a container has already, as Docker words it; undefined when nothing does. */
function contradiction(host: HostConfig, request: ContainerUpdateRequest): string | undefined {
  const { Memory = 0, MemorySwap = 0, NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 } = request;
  if (NanoCpus > 0 && host.CpuPeriod > 0) {
    return "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set";
  }
  if (NanoCpus > 0 && host.CpuQuota > 0) {
    return "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set";
  }
  if (CpuPeriod > 0 && host.NanoCpus > 0) {
    return "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set";
  }
  if (CpuQuota > 0 && host.NanoCpus > 0) {
    return "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set";
  }
  if (Memory > host.MemorySwap && Memory > 0 && MemorySwap === 0) {
    return "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time";
  }
  if (request.RestartPolicy?.Name && host.AutoRemove) {
    return "Restart policy cannot be updated because AutoRemove is enabled for the container";
  }
  return undefined;
}

const numeric = [
  ...(["Memory", "MemorySwap", "MemoryReservation", "NanoCpus", "CpuShares", "CpuPeriod", "CpuQuota"] as const),
  "BlkioWeight",
] as const;

/** The host config after an update: zero and empty change nothing. */
export function updatedHostConfig(host: HostConfig, request: ContainerUpdateRequest): HostConfig {
  const changed = { ...host };
  for (const key of numeric) if (request[key]) changed[key] = request[key];
  if (request.CpusetCpus) changed.CpusetCpus = request.CpusetCpus;
  if (request.CpusetMems) changed.CpusetMems = request.CpusetMems;
  if (request.PidsLimit !== undefined && request.PidsLimit !== null) changed.PidsLimit = request.PidsLimit;
  if (request.RestartPolicy?.Name) {
    const { Name, MaximumRetryCount = 0 } = request.RestartPolicy;
    changed.RestartPolicy = { Name, MaximumRetryCount };
  }
  return changed;
}

/** What the kernel is to be told of an update. */
export function limitsOf(request: ContainerUpdateRequest): CgroupLimits {
  const { PidsLimit, NanoCpus = 0 } = request;
  return {
    ...(request.Memory && { memory: request.Memory }),
    ...(request.MemorySwap && { memorySwap: request.MemorySwap }),
    ...(request.MemoryReservation && { memoryReservation: request.MemoryReservation }),
    ...(request.CpuShares && { cpuShares: request.CpuShares }),
    ...(request.CpuPeriod && { cpuPeriod: request.CpuPeriod }),
    ...(request.CpuQuota && { cpuQuota: request.CpuQuota }),
    ...(NanoCpus > 0 && { cpuPeriod: periodOfCpus, cpuQuota: Math.trunc((NanoCpus * periodOfCpus) / 1e9) }),
    ...(request.CpusetCpus && { cpusetCpus: request.CpusetCpus }),
    ...(request.CpusetMems && { cpusetMems: request.CpusetMems }),
    ...(PidsLimit !== undefined && PidsLimit !== null && { pids: PidsLimit > 0 ? PidsLimit : -1 }),
    ...(request.BlkioWeight && { ioWeight: request.BlkioWeight }),
  };
}

/** Changes the limits and restart policy of a container; the caller holds its turn. */
export async function updateInTurn(
  deps: ContainersDeps,
  table: ContainerTable,
  container: Container,
  request: ContainerUpdateRequest,
): Promise<void> {
  const { hostConfig, state } = container.record;
  const prefix = `Cannot update container ${container.id}: `;
  const reason = contradiction(hostConfig, request);
  if (reason !== undefined) throw conflict(`${prefix}${reason}`);
  if (isRunning(state)) {
    try {
      await deps.cgroups.limit(container.id, limitsOf(request));
    } catch (error) {
      throw new EscaleError("internal", `${prefix}${messageOf(error)}`, { cause: error });
    }
  }
  table.update(container, { hostConfig: updatedHostConfig(hostConfig, request) });
  table.emit(container, "update");
}

/**
 * Checks what an update asks for; gives the request without what the kernel cannot do, and Docker's warnings for it.
 * Errors: invalid with Docker's texts.
 */
export async function checkUpdate(
  deps: ContainersDeps,
  request: ContainerUpdateRequest,
  hasBlockIoWeight: boolean,
): Promise<ContainerUpdateResponse & { readonly request: ContainerUpdateRequest }> {
  refuseNumbers(request, availableParallelism());
  const warnings: string[] = [];
  const { BlkioWeight = 0, ...rest } = request;
  if (BlkioWeight !== 0 && !hasBlockIoWeight) warnings.push(discardedWeight);
  else if (BlkioWeight !== 0 && (BlkioWeight < 10 || BlkioWeight > 1000)) {
    throw invalid("Range of blkio weight is from 10 to 1000");
  }
  await refuseSets(deps, request);
  const { RestartPolicy: policy } = request;
  if (policy?.Name)
    refuseRestartPolicy({ RestartPolicy: { ...policy, MaximumRetryCount: policy.MaximumRetryCount ?? 0 } });
  const kept = BlkioWeight !== 0 && hasBlockIoWeight ? request : rest;
  return { Warnings: warnings.length > 0 ? warnings : null, request: kept };
}
