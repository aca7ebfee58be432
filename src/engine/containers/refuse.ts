/** What a create request may not ask for: what contradicts itself, with Docker's texts, and what is not built. Pure. */
import { internal, invalid, unsupported } from "../../base/errors.ts";
import type { ContainerConfig, ContainerCreateRequest, HostConfig } from "../../wire/docker/containers.ts";
import { parsePortRequests } from "../sandboxes/index.ts";
import { parseBind } from "./binds.ts";
import { parseSignal } from "./signals.ts";

const mebibyte = 1024 * 1024;
const millisecond = 1_000_000;

/** The log drivers that Docker knows. */
const logDrivers = [
  "awslogs",
  "fluentd",
  "gcplogs",
  "gelf",
  "journald",
  "json-file",
  "local",
  "none",
  "splunk",
  "syslog",
];
/** Names by which the one runtime is asked for: Docker's own default is taken to mean ours. */
const runtimes = ["crun", "runc", "io.containerd.runc.v2"];

function refuseUnbuilt(request: ContainerCreateRequest, host: HostConfig): void {
  const not = (what: string): never => {
    throw unsupported(`${what} is not implemented by Escale yet`);
  };
  const volume = Object.keys(request.Volumes ?? {})[0];
  if (volume !== undefined) not(`an anonymous volume (-v ${volume})`);
  if ((host.VolumesFrom ?? []).length > 0) not("--volumes-from");
  if ((host.Links ?? []).length > 0) not("--link");
  if ((host.DeviceRequests ?? []).length > 0) not("a device request (--gpus)");
  if (host.CgroupParent !== "") not("--cgroup-parent");
  if (!["json-file", "none"].includes(host.LogConfig.Type)) not(`the log driver ${host.LogConfig.Type}`);
  for (const option of Object.keys(host.LogConfig.Config)) not(`the log option ${option}`);
  for (const mount of host.Mounts ?? []) {
    if (mount.Type !== "bind" && mount.Type !== "tmpfs") not(`a mount of type ${mount.Type}`);
  }
  for (const bind of host.Binds ?? []) {
    if (!parseBind(bind).source.startsWith("/")) not(`a named volume (${bind})`);
  }
}

function refuseConfig(request: ContainerCreateRequest, config: ContainerConfig): void {
  if (config.WorkingDir !== "" && !config.WorkingDir.startsWith("/")) {
    throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`);
  }
  for (const variable of config.Env ?? []) {
    if (variable === "" || variable.startsWith("=")) throw invalid(`invalid environment variable: ${variable}`);
  }
  if (config.StopSignal !== undefined) parseSignal(config.StopSignal);
  const times = ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const;
  for (const field of times) {
    const value = request.Healthcheck?.[field] ?? 0;
    if (value !== 0 && value < millisecond) throw invalid(`${field} in Healthcheck cannot be less than 1ms`);
  }
  if ((request.Healthcheck?.Retries ?? 0) < 0) throw invalid("Retries in Healthcheck cannot be negative");
}

/** Errors: invalid with Docker's texts. */
export function refuseRestartPolicy(host: Pick<HostConfig, "RestartPolicy">): void {
  const { Name, MaximumRetryCount } = host.RestartPolicy;
  if (!["no", "always", "unless-stopped", "on-failure"].includes(Name)) {
    throw invalid(
      `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (MaximumRetryCount < 0) throw invalid("invalid restart policy: maximum retry count cannot be negative");
  if (MaximumRetryCount > 0 && Name !== "on-failure") {
    throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
}

function refuseResources(host: HostConfig, cpus: number): void {
  if (host.Memory !== 0 && host.Memory < 6 * mebibyte) throw invalid("Minimum memory limit allowed is 6MB");
  if (host.MemorySwap > 0 && host.Memory === 0) {
    throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
  if (host.MemorySwap > 0 && host.MemorySwap < host.Memory) {
    throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (host.MemoryReservation > 0 && host.Memory > 0 && host.Memory < host.MemoryReservation) {
    throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
  if (host.NanoCpus !== 0) {
    for (const [name, value] of [
      ["Period", host.CpuPeriod],
      ["Quota", host.CpuQuota],
    ] as const) {
      if (value !== 0) throw invalid(`Conflicting options: Nano CPUs and CPU ${name} cannot both be set`);
    }
    if (host.NanoCpus < 0 || host.NanoCpus > cpus * 1e9) {
      throw invalid(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
    }
  }
  if (host.OomScoreAdj < -1000 || host.OomScoreAdj > 1000) {
    throw invalid(`Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  }
  if (host.ShmSize < 0) throw invalid("SHM size can not be less than 0");
}

function refuseNamespaces(host: HostConfig): void {
  const other = /^container:.+$/;
  if (host.NetworkMode === "container:") {
    throw invalid("invalid network mode: invalid container format container:<name|id>");
  }
  if (!["", "host"].includes(host.UTSMode)) throw invalid(`invalid UTS mode: ${host.UTSMode}`);
  if (!["", "host"].includes(host.PidMode) && !other.test(host.PidMode)) {
    throw invalid(`invalid PID mode: ${host.PidMode}`);
  }
  if (!["none", "private", "shareable", "host"].includes(host.IpcMode) && !other.test(host.IpcMode)) {
    throw invalid(`invalid IPC mode: ${host.IpcMode}`);
  }
  if (!["host", "private"].includes(host.CgroupnsMode)) {
    throw invalid(`invalid cgroup namespace mode: ${host.CgroupnsMode}`);
  }
  if (!["", "host"].includes(host.UsernsMode)) throw invalid(`invalid user namespace mode: ${host.UsernsMode}`);
}

/** What belongs to the owner of a network cannot be asked for by those who join it. */
function refuseForJoinedNetwork(request: ContainerCreateRequest, host: HostConfig): void {
  if (!host.NetworkMode.startsWith("container:")) return;
  if (request.Hostname) throw invalid("conflicting options: hostname and the network mode");
  if ((host.Links ?? []).length > 0) {
    throw invalid(
      "conflicting options: container type network can't be used with links. This would result in undefined behavior",
    );
  }
  if (host.Dns.length > 0) throw invalid("conflicting options: dns and the network mode");
  if ((host.ExtraHosts ?? []).length > 0) {
    throw invalid("conflicting options: custom host-to-IP mapping and the network mode");
  }
  if (Object.keys(host.PortBindings).length > 0 || host.PublishAllPorts) {
    throw invalid("conflicting options: port publishing and the container type network mode");
  }
  if (Object.keys(request.ExposedPorts ?? {}).length > 0) {
    throw invalid("conflicting options: port exposing and the container type network mode");
  }
}

/**
 * Throws for what cannot be: with Docker's kinds and texts, or unsupported naming what is not built.
 * `cpus` is how many processors the machine has.
 */
export function refuseImpossible(
  request: ContainerCreateRequest,
  config: ContainerConfig,
  host: HostConfig,
  cpus: number,
): void {
  refuseConfig(request, config);
  refuseRestartPolicy(host);
  if (host.AutoRemove && host.RestartPolicy.Name !== "no") {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
  refuseResources(host, cpus);
  refuseNamespaces(host);
  refuseForJoinedNetwork(request, host);
  parsePortRequests(host.PortBindings, [], false);
  if (!logDrivers.includes(host.LogConfig.Type)) {
    throw invalid(`error looking up logging plugin ${host.LogConfig.Type}: plugin "${host.LogConfig.Type}" not found`);
  }
  if (!runtimes.includes(host.Runtime)) throw invalid(`unknown or invalid runtime name: ${host.Runtime}`);
  if (!["", "default"].includes(host.Isolation)) {
    throw invalid(`invalid isolation (${host.Isolation}): linux only supports 'default'`);
  }
  if (Object.keys(host.StorageOpt ?? {}).length > 0) {
    throw internal("--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
  }
  for (const target of Object.keys(host.Tmpfs ?? {})) {
    if (!target.startsWith("/")) throw invalid(`invalid mount path: '${target}' mount path must be absolute`);
  }
  refuseUnbuilt(request, host);
}
