/** What a create request, an image and the engine's defaults make together. Pure. */
import { invalid } from "../../base/errors.ts";
import type { ContainerConfig, ContainerCreateRequest, HostConfig } from "../../wire/docker/containers.ts";
import type { ExecutionConfig, HealthConfig } from "../../wire/oci/image-spec.ts";

/** Paths hidden from a container, and those it can only read, as Docker 28 has them. */
export const defaultMaskedPaths: readonly string[] = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
export const defaultReadonlyPaths: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];

const defaultShmSize = 64 * 1024 * 1024;

/** What the engine fills in where a request is silent. */
export interface HostConfigDefaults {
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  readonly cgroupnsMode: "host" | "private";
}

/** The names of variables in a list of `NAME=value`. */
function variableName(entry: string): string {
  const at = entry.indexOf("=");
  return at === -1 ? entry : entry.slice(0, at);
}

function mergeEnv(
  own: readonly string[] | null | undefined,
  image: readonly string[] | null | undefined,
): string[] | null {
  if (own === null || own === undefined || own.length === 0)
    return image === undefined || image === null ? null : [...image];
  const names = new Set(own.map(variableName));
  return [...own, ...(image ?? []).filter((entry) => !names.has(variableName(entry)))];
}

/** The request's health check, where it is silent the image's. */
function mergeHealthcheck(
  own: HealthConfig | null | undefined,
  image: HealthConfig | undefined,
): HealthConfig | undefined {
  if (own === null || own === undefined || image === undefined) return own ?? image;
  const asked = Object.entries(own).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Boolean(value)));
  return { ...image, ...Object.fromEntries(asked) };
}

/**
 * The config of a container: the request's, completed by the image's as Docker does (its command is the image's only
 * where the request has neither entry point nor command). Errors: invalid, with Docker's texts.
 */
export function mergeConfig(
  request: ContainerCreateRequest,
  image: ExecutionConfig,
  hostname: string,
): ContainerConfig {
  let entrypoint = request.Entrypoint ?? null;
  let command = request.Cmd ?? null;
  let argsEscaped = request.ArgsEscaped;
  if (entrypoint === null || entrypoint.length === 0) {
    if (command === null || command.length === 0) {
      command = image.Cmd ?? null;
      argsEscaped = image.ArgsEscaped;
    }
    entrypoint ??= image.Entrypoint ?? null;
  }
  if (entrypoint?.length === 1 && entrypoint[0] === "") entrypoint = null;
  if ((entrypoint?.length ?? 0) === 0 && (command?.length ?? 0) === 0) throw invalid("no command specified");
  const exposed = { ...image.ExposedPorts, ...request.ExposedPorts };
  const volumes = { ...image.Volumes, ...request.Volumes };
  const stopSignal = request.StopSignal || image.StopSignal;
  const shell = request.Shell ?? image.Shell;
  const healthcheck = mergeHealthcheck(request.Healthcheck, image.Healthcheck);
  return {
    Hostname: request.Hostname || hostname,
    Domainname: request.Domainname ?? "",
    User: request.User || image.User || "",
    AttachStdin: request.AttachStdin ?? false,
    AttachStdout: request.AttachStdout ?? false,
    AttachStderr: request.AttachStderr ?? false,
    ...(Object.keys(exposed).length > 0 && { ExposedPorts: exposed }),
    Tty: request.Tty ?? false,
    OpenStdin: request.OpenStdin ?? false,
    StdinOnce: request.StdinOnce ?? false,
    Env: mergeEnv(request.Env, image.Env),
    Cmd: command,
    ...(healthcheck !== undefined && { Healthcheck: healthcheck }),
    ...(argsEscaped && { ArgsEscaped: argsEscaped }),
    Image: request.Image ?? "",
    Volumes: Object.keys(volumes).length > 0 ? volumes : null,
    WorkingDir: request.WorkingDir || image.WorkingDir || "",
    Entrypoint: entrypoint,
    ...(request.NetworkDisabled && { NetworkDisabled: true }),
    ...(request.MacAddress && { MacAddress: request.MacAddress }),
    OnBuild: request.OnBuild ?? null,
    Labels: { ...image.Labels, ...request.Labels },
    ...(stopSignal && { StopSignal: stopSignal }),
    ...(request.StopTimeout !== undefined && request.StopTimeout !== null && { StopTimeout: request.StopTimeout }),
    ...(shell !== undefined && { Shell: shell }),
  };
}

/** A HostConfig with every field set, as inspect shows it. */
export function completeHostConfig(request: Partial<HostConfig>, defaults: HostConfigDefaults): HostConfig {
  const networkMode = request.NetworkMode === undefined || ["", "default"].includes(request.NetworkMode);
  const logType = request.LogConfig?.Type || defaults.logDriver;
  const logOptions =
    request.LogConfig?.Type || Object.keys(request.LogConfig?.Config ?? {}).length > 0
      ? (request.LogConfig?.Config ?? {})
      : defaults.logOptions;
  const isPrivileged = request.Privileged ?? false;
  const complete: HostConfig = {
    Binds: request.Binds ?? null,
    ContainerIDFile: request.ContainerIDFile ?? "",
    LogConfig: { Type: logType, Config: { ...logOptions } },
    NetworkMode: networkMode ? "bridge" : (request.NetworkMode as string),
    PortBindings: request.PortBindings ?? {},
    RestartPolicy: {
      Name: request.RestartPolicy?.Name || "no",
      MaximumRetryCount: request.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    AutoRemove: request.AutoRemove ?? false,
    VolumeDriver: request.VolumeDriver ?? "",
    VolumesFrom: request.VolumesFrom ?? null,
    ConsoleSize: request.ConsoleSize ?? [0, 0],
    ...(request.Annotations !== undefined &&
      Object.keys(request.Annotations).length > 0 && { Annotations: request.Annotations }),
    ...(request.Mounts !== undefined && { Mounts: request.Mounts }),
    CapAdd: request.CapAdd ?? null,
    CapDrop: request.CapDrop ?? null,
    CgroupnsMode: request.CgroupnsMode || (isPrivileged ? "host" : defaults.cgroupnsMode),
    Dns: request.Dns ?? [],
    DnsOptions: request.DnsOptions ?? [],
    DnsSearch: request.DnsSearch ?? [],
    ExtraHosts: request.ExtraHosts ?? null,
    GroupAdd: request.GroupAdd ?? null,
    IpcMode: request.IpcMode || "private",
    Cgroup: request.Cgroup ?? "",
    Links: request.Links ?? null,
    OomScoreAdj: request.OomScoreAdj ?? 0,
    PidMode: request.PidMode ?? "",
    Privileged: isPrivileged,
    PublishAllPorts: request.PublishAllPorts ?? false,
    ReadonlyRootfs: request.ReadonlyRootfs ?? false,
    // SELinux is never applied to a privileged container, and Docker says so here.
    SecurityOpt: isPrivileged ? [...(request.SecurityOpt ?? []), "label=disable"] : (request.SecurityOpt ?? null),
    ...(request.StorageOpt !== undefined && { StorageOpt: request.StorageOpt }),
    ...(request.Tmpfs !== undefined && { Tmpfs: request.Tmpfs }),
    UTSMode: request.UTSMode ?? "",
    UsernsMode: request.UsernsMode ?? "",
    ShmSize: request.ShmSize || defaultShmSize,
    ...(request.Sysctls !== undefined && { Sysctls: request.Sysctls }),
    Runtime: request.Runtime || "crun",
    Isolation: request.Isolation ?? "",
    CpuShares: request.CpuShares ?? 0,
    Memory: request.Memory ?? 0,
    NanoCpus: request.NanoCpus ?? 0,
    CgroupParent: request.CgroupParent ?? "",
    BlkioWeight: request.BlkioWeight ?? 0,
    BlkioWeightDevice: request.BlkioWeightDevice ?? [],
    BlkioDeviceReadBps: request.BlkioDeviceReadBps ?? [],
    BlkioDeviceWriteBps: request.BlkioDeviceWriteBps ?? [],
    BlkioDeviceReadIOps: request.BlkioDeviceReadIOps ?? [],
    BlkioDeviceWriteIOps: request.BlkioDeviceWriteIOps ?? [],
    CpuPeriod: request.CpuPeriod ?? 0,
    CpuQuota: request.CpuQuota ?? 0,
    CpuRealtimePeriod: request.CpuRealtimePeriod ?? 0,
    CpuRealtimeRuntime: request.CpuRealtimeRuntime ?? 0,
    CpusetCpus: request.CpusetCpus ?? "",
    CpusetMems: request.CpusetMems ?? "",
    Devices: request.Devices ?? [],
    DeviceCgroupRules: request.DeviceCgroupRules ?? null,
    DeviceRequests: request.DeviceRequests ?? null,
    MemoryReservation: request.MemoryReservation ?? 0,
    // Without a limit for swap, Docker allows as much swap as memory.
    MemorySwap:
      (request.MemorySwap ?? 0) === 0 && (request.Memory ?? 0) > 0 ? request.Memory! * 2 : (request.MemorySwap ?? 0),
    MemorySwappiness: request.MemorySwappiness === -1 ? null : (request.MemorySwappiness ?? null),
    OomKillDisable: request.OomKillDisable ?? false,
    PidsLimit: request.PidsLimit ?? null,
    Ulimits: request.Ulimits ?? [],
    CpuCount: request.CpuCount ?? 0,
    CpuPercent: request.CpuPercent ?? 0,
    IOMaximumIOps: request.IOMaximumIOps ?? 0,
    IOMaximumBandwidth: request.IOMaximumBandwidth ?? 0,
    MaskedPaths: isPrivileged ? null : (request.MaskedPaths ?? [...defaultMaskedPaths]),
    ReadonlyPaths: isPrivileged ? null : (request.ReadonlyPaths ?? [...defaultReadonlyPaths]),
    ...(request.Init !== undefined && request.Init !== null && { Init: request.Init }),
  };
  return complete;
}

/** What runs: the entry point and the command, as one. */
export function commandOf(config: ContainerConfig): { path: string; args: string[] } {
  const words = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return { path: words[0] ?? "", args: words.slice(1) };
}
