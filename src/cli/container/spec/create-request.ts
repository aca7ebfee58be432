/** From flags to the request for a container, field by field as Docker's own client writes it. */
import { invalid, unsupported } from "../../../base/errors.ts";
import type { Cli } from "../../command.ts";
import type { CreateValues } from "./create-flags.ts";
import { isCdiDevice, parseDevice } from "./devices.ts";
import { labelsOf, mapOf, proxySettings, variablesOf } from "./environment.ts";
import { healthOf } from "./health.ts";
import { endpointsOf, isMacAddress } from "./network.ts";
import { portsOf } from "./ports.ts";
import { restartPolicyOf } from "./restart-policy.ts";
import { securityOptions } from "./security.ts";
import { volumesOf } from "./volumes.ts";

/** The parts of the request that commands change or look at before it is sent. */
export interface CreateRequest {
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  StdinOnce: boolean;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
  readonly Image: string;
  readonly HostConfig: {
    ConsoleSize: [number, number];
    readonly Memory: number;
    readonly OomKillDisable: boolean;
    readonly Dns: readonly string[];
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

function unlessEmpty(map: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  return Object.keys(map).length === 0 ? {} : { [key]: map };
}

function checkMode(flag: string, kind: string, isValid: boolean): void {
  if (!isValid) throw invalid(`--${flag}: invalid ${kind} mode`);
}

function checkModes(flags: CreateValues): void {
  checkMode("pid", "PID", flags.pid === "" || flags.pid === "host" || /^container:.+/.test(flags.pid));
  checkMode("uts", "UTS", flags.uts === "" || flags.uts === "host");
  checkMode("userns", "USER", flags.userns === "" || flags.userns === "host");
  checkMode("cgroupns", "CGROUP", ["", "host", "private"].includes(flags.cgroupns));
}

function tmpfsOf(texts: readonly string[]): Record<string, string> {
  const mounts: Record<string, string> = {};
  for (const text of texts) {
    const colon = text.indexOf(":");
    mounts[colon === -1 ? text : text.slice(0, colon)] = colon === -1 ? "" : text.slice(colon + 1);
  }
  return mounts;
}

function storageOptions(texts: readonly string[]): Record<string, string> {
  if (texts.some((text) => !text.includes("="))) throw invalid("invalid storage option");
  return mapOf(texts);
}

function logOptions(driver: string, texts: readonly string[]): Record<string, string> {
  if (driver === "none" && texts.length > 0) throw invalid(`invalid logging opts for driver ${driver}`);
  return mapOf(texts);
}

/** Capabilities by their full names, each once. */
function capabilities(names: readonly string[]): string[] {
  const full = names.map((name) => {
    const upper = name.trim().toUpperCase();
    return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  });
  return [...new Set(full)].sort();
}

/** Where Docker's client takes the API socket from for `--use-api-socket`. */
const apiSocket = "/var/run/docker.sock";

/**
 * Builds the request. `command` is what follows the image. Throws an invalid error with Docker's text for what cannot
 * be, and reads the files that flags name.
 */
export async function createRequest(
  cli: Cli,
  flags: CreateValues,
  given: ReadonlySet<string>,
  image: string,
  command: readonly string[],
): Promise<CreateRequest> {
  if (flags.macAddress !== "" && !isMacAddress(flags.macAddress.trim())) {
    throw invalid(`${flags.macAddress} is not a valid mac address`);
  }
  if (!flags.disableContentTrust) throw unsupported("content trust (--disable-content-trust=false) is not built yet");
  const isAll = flags.attach.length === 0;
  const attachStdin = flags.interactive || flags.attach.includes("stdin");
  const { memorySwappiness } = flags;
  if (memorySwappiness < -1 || memorySwappiness > 100) {
    throw invalid(`invalid value: ${memorySwappiness}. Valid memory swappiness range is 0-100`);
  }
  const { binds, volumes } = volumesOf(flags.volume);
  const ports = portsOf(flags.publish, flags.expose);
  const devices = flags.device.filter((text) => !isCdiDevice(text)).map(parseDevice);
  const cdiDevices = flags.device.filter(isCdiDevice);
  const proxies = proxySettings(cli.config.proxies, (await cli.client()).endpoint.address);
  const variables = await variablesOf(flags.envFile, flags.env, proxies, cli.env);
  const labels = await labelsOf(flags.labelFile, flags.label);
  checkModes(flags);
  const restartPolicy = restartPolicyOf(flags.restart);
  const logConfig = logOptions(flags.logDriver, flags.logOpt);
  const security = await securityOptions(flags.securityOpt);
  const storage = storageOptions(flags.storageOpt);
  const health = healthOf(flags);
  const deviceRequests = [
    ...flags.gpus,
    ...(cdiDevices.length === 0
      ? []
      : [{ Driver: "cdi", Count: 0, DeviceIDs: cdiDevices, Capabilities: null, Options: null }]),
  ];
  if (flags.rm && restartPolicy.Name !== "no" && restartPolicy.Name !== "") {
    throw invalid("conflicting options: cannot specify both --restart and --rm");
  }
  const networks = flags.network;
  const endpoints = endpointsOf(networks, {
    aliases: flags.networkAlias,
    links: flags.link,
    ipv4: flags.ip,
    ipv6: flags.ip6,
    macAddress: flags.macAddress,
    linkLocalIps: flags.linkLocalIp,
  });
  const socketMounts = flags.useApiSocket
    ? [{ Type: "bind", Source: apiSocket, Target: apiSocket, BindOptions: {} }]
    : [];
  const mounts = [...flags.mount, ...socketMounts];

  return {
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    AttachStdin: attachStdin,
    AttachStdout: isAll || flags.attach.includes("stdout"),
    AttachStderr: isAll || flags.attach.includes("stderr"),
    ...unlessEmpty(ports.exposed, "ExposedPorts"),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && attachStdin,
    Env: orNull(variables),
    Cmd: orNull(command),
    ...(health !== undefined && { Healthcheck: health }),
    Image: image,
    Volumes: volumes,
    WorkingDir: flags.workdir,
    Entrypoint: given.has("entrypoint") ? [flags.entrypoint] : null,
    OnBuild: null,
    Labels: labels,
    ...(flags.stopSignal !== "" && { StopSignal: flags.stopSignal }),
    ...(given.has("stopTimeout") && { StopTimeout: flags.stopTimeout }),
    HostConfig: {
      Binds: orNull(binds),
      ContainerIDFile: flags.cidfile,
      LogConfig: { Type: flags.logDriver, Config: logConfig },
      NetworkMode: networks[0]?.target ?? "default",
      PortBindings: ports.bindings,
      RestartPolicy: restartPolicy,
      AutoRemove: flags.rm,
      VolumeDriver: flags.volumeDriver,
      VolumesFrom: orNull(flags.volumesFrom),
      ConsoleSize: [0, 0],
      ...unlessEmpty(flags.annotation, "Annotations"),
      CapAdd: orNull(capabilities(flags.capAdd)),
      CapDrop: orNull(capabilities(flags.capDrop)),
      CgroupnsMode: flags.cgroupns,
      Dns: flags.dns,
      DnsOptions: flags.dnsOption,
      DnsSearch: flags.dnsSearch,
      ExtraHosts: orNull(flags.addHost),
      GroupAdd: orNull(flags.groupAdd),
      IpcMode: flags.ipc,
      Cgroup: "",
      Links: orNull(flags.link),
      OomScoreAdj: flags.oomScoreAdj,
      PidMode: flags.pid,
      Privileged: flags.privileged,
      PublishAllPorts: flags.publishAll,
      ReadonlyRootfs: flags.readOnly,
      SecurityOpt: security.options,
      ...unlessEmpty(storage, "StorageOpt"),
      ...unlessEmpty(tmpfsOf(flags.tmpfs), "Tmpfs"),
      UTSMode: flags.uts,
      UsernsMode: flags.userns,
      ShmSize: flags.shmSize,
      ...unlessEmpty(flags.sysctl, "Sysctls"),
      ...(flags.runtime !== "" && { Runtime: flags.runtime }),
      Isolation: flags.isolation,
      CpuShares: flags.cpuShares,
      Memory: flags.memory,
      NanoCpus: flags.cpus,
      CgroupParent: flags.cgroupParent,
      BlkioWeight: flags.blkioWeight,
      BlkioWeightDevice: flags.blkioWeightDevice,
      BlkioDeviceReadBps: flags.deviceReadBps,
      BlkioDeviceWriteBps: flags.deviceWriteBps,
      BlkioDeviceReadIOps: flags.deviceReadIops,
      BlkioDeviceWriteIOps: flags.deviceWriteIops,
      CpuPeriod: flags.cpuPeriod,
      CpuQuota: flags.cpuQuota,
      CpuRealtimePeriod: flags.cpuRtPeriod,
      CpuRealtimeRuntime: flags.cpuRtRuntime,
      CpusetCpus: flags.cpusetCpus,
      CpusetMems: flags.cpusetMems,
      Devices: devices,
      DeviceCgroupRules: orNull(flags.deviceCgroupRule),
      DeviceRequests: orNull(deviceRequests),
      MemoryReservation: flags.memoryReservation,
      MemorySwap: flags.memorySwap,
      MemorySwappiness: memorySwappiness,
      OomKillDisable: flags.oomKillDisable,
      PidsLimit: flags.pidsLimit,
      Ulimits: Object.values(flags.ulimit),
      CpuCount: flags.cpuCount,
      CpuPercent: flags.cpuPercent,
      IOMaximumIOps: flags.ioMaxiops,
      IOMaximumBandwidth: flags.ioMaxbandwidth,
      ...(mounts.length > 0 && { Mounts: mounts }),
      MaskedPaths: security.maskedPaths,
      ReadonlyPaths: security.readonlyPaths,
      ...(given.has("init") && { Init: flags.init }),
    },
    NetworkingConfig: { EndpointsConfig: endpoints },
  };
}
