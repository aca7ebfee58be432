/** What the daemon is and what it runs on. Facts that cannot change while it runs are read once, when first asked for. */
import { arch, availableParallelism, hostname, machine, release, totalmem } from "node:os";
import { apiVersion, dockerVersion, oldestApiVersion } from "../../wire/docker/api-version.ts";
import type { ContainerStatus } from "../../wire/docker/containers.ts";
import type { DiskUsage, DiskUsageKind } from "../../wire/docker/disk-usage.ts";
import type { SystemVersion } from "../../wire/docker/system.ts";
import type { IndexInfo, SystemInfo } from "../../wire/docker/system-info.ts";
import { type DiskUsageSources, diskUsage } from "./disk-usage.ts";
import { engineId } from "./engine-id.ts";
import {
  countFileDescriptors,
  fileSystemOf,
  forwardsIpv4,
  type KernelFacts,
  readKernelFacts,
  readKernelFile,
} from "./kernel-facts.ts";
import { askProgram, type Program } from "./programs.ts";

/** The daemon's configuration and the counts that the documents show. */
export interface SystemDeps {
  readonly dataRoot: string;
  /** Escale's own version. */
  readonly version: string;
  readonly labels: readonly string[];
  /** Whether the log is set to debug. */
  readonly isDebug: boolean;
  readonly loggingDriver: string;
  /** Names of what is built. */
  readonly drivers: {
    readonly volume: readonly string[];
    readonly network: readonly string[];
    readonly log: readonly string[];
  };
  readonly runtime: { readonly name: string; readonly path: string };
  readonly monitor: { readonly name: string; readonly path: string };
  readonly registryMirrors: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly proxy: { readonly http: string; readonly https: string; readonly no: string };
  /** The state of each container. */
  containerStates(): Promise<readonly ContainerStatus[]>;
  imageCount(): Promise<number>;
  readonly space: DiskUsageSources;
}

/** The daemon and its host. */
export interface System {
  info(): Promise<SystemInfo>;
  version(): Promise<SystemVersion>;
  /** How much space things of these kinds take. */
  diskUsage(kinds: ReadonlySet<DiskUsageKind>): Promise<DiskUsage>;
  /** One more client listens for events, until the returned function is called. */
  countEventListener(): () => void;
}

interface Facts {
  readonly kernel: KernelFacts;
  readonly fileSystem: string;
  readonly metacopy: string;
  readonly osRelease: ReadonlyMap<string, string>;
  readonly runtime: Program;
  readonly monitor: Program;
}

async function readOsRelease(): Promise<ReadonlyMap<string, string>> {
  const text = (await readKernelFile("/etc/os-release")) || (await readKernelFile("/usr/lib/os-release"));
  const entries = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/^([A-Z_]+)=(.*)$/gm)) {
    entries.set(name, value.replace(/^(["'])(.*)\1$/, "$2"));
  }
  return entries;
}

async function readFacts(deps: SystemDeps): Promise<Facts> {
  const [kernel, fileSystem, metacopy, osRelease, runtime, monitor] = await Promise.all([
    readKernelFacts(),
    fileSystemOf(deps.dataRoot),
    readKernelFile("/sys/module/overlay/parameters/metacopy"),
    readOsRelease(),
    askProgram(deps.runtime.name, deps.runtime.path),
    askProgram(deps.monitor.name, deps.monitor.path),
  ]);
  return { kernel, fileSystem, metacopy, osRelease, runtime, monitor };
}

function warningsOf(kernel: KernelFacts, forwards: boolean): string[] | null {
  const missing: [boolean, string][] = [
    [kernel.memoryLimit, "No memory limit support"],
    [kernel.swapLimit, "No swap limit support"],
    [kernel.cpuShares, "No cpu shares support"],
    [kernel.cpuCfs, "No cpu cfs quota support"],
    [kernel.cpuset, "No cpuset support"],
    [forwards, "IPv4 forwarding is disabled"],
  ];
  const warnings = missing.filter(([isThere]) => !isThere).map(([, text]) => `WARNING: ${text}`);
  return warnings.length === 0 ? null : warnings;
}

function registryConfig(deps: SystemDeps): SystemInfo["RegistryConfig"] {
  const isNetwork = (registry: string): boolean => registry.includes("/");
  const indexes = deps.insecureRegistries
    .filter((registry) => !isNetwork(registry))
    .map((Name): [string, IndexInfo] => [Name, { Mirrors: [], Name, Official: false, Secure: false }]);
  const mirrors = [...deps.registryMirrors];
  return {
    IndexConfigs: Object.fromEntries(indexes),
    InsecureRegistryCIDRs: ["::1/128", "127.0.0.0/8", ...deps.insecureRegistries.filter(isNetwork)],
    Mirrors: mirrors.length === 0 ? null : mirrors,
  };
}

/** Docker's names of processor architectures in version documents. */
function goArchitecture(): string {
  return arch() === "x64" ? "amd64" : arch();
}

function limitsOf(
  kernel: KernelFacts,
): Pick<
  SystemInfo,
  "MemoryLimit" | "SwapLimit" | "CpuCfsPeriod" | "CpuCfsQuota" | "CPUShares" | "CPUSet" | "PidsLimit"
> & { KernelMemoryTCP?: boolean } {
  return {
    MemoryLimit: kernel.memoryLimit,
    SwapLimit: kernel.swapLimit,
    ...(kernel.cgroupVersion === "1" && { KernelMemoryTCP: kernel.kernelMemoryTcp }),
    CpuCfsPeriod: kernel.cpuCfs,
    CpuCfsQuota: kernel.cpuCfs,
    CPUShares: kernel.cpuShares,
    CPUSet: kernel.cpuset,
    PidsLimit: kernel.pidsLimit,
  };
}

/** Reads or makes the engine's id; everything else is read when first asked for. */
export async function openSystem(deps: SystemDeps): Promise<System> {
  const id = await engineId(deps.dataRoot);
  let reading: Promise<Facts> | undefined;
  let listeners = 0;

  const facts = (): Promise<Facts> => {
    reading ??= readFacts(deps);
    return reading;
  };

  async function info(): Promise<SystemInfo> {
    const [known, states, images, forwards, descriptors] = await Promise.all([
      facts(),
      deps.containerStates(),
      deps.imageCount(),
      forwardsIpv4(),
      countFileDescriptors(),
    ]);
    const { kernel, osRelease } = known;
    const count = (...wanted: readonly ContainerStatus[]): number =>
      states.filter((state) => wanted.includes(state)).length;
    const running = count("running", "restarting");
    const paused = count("paused");
    return {
      ID: id,
      Containers: states.length,
      ContainersRunning: running,
      ContainersPaused: paused,
      ContainersStopped: states.length - running - paused,
      Images: images,
      Driver: "overlay2",
      DriverStatus: [
        ["Backing Filesystem", known.fileSystem],
        ["Using metacopy", String(known.metacopy === "Y")],
        ["userxattr", "false"],
      ],
      Plugins: {
        Volume: [...deps.drivers.volume],
        Network: [...deps.drivers.network],
        Authorization: null,
        Log: [...deps.drivers.log],
      },
      ...limitsOf(kernel),
      IPv4Forwarding: forwards,
      Debug: deps.isDebug,
      NFd: descriptors,
      OomKillDisable: kernel.oomKillDisable,
      NGoroutines: 0,
      SystemTime: new Date().toISOString(),
      LoggingDriver: deps.loggingDriver,
      CgroupDriver: "cgroupfs",
      CgroupVersion: kernel.cgroupVersion,
      NEventsListener: listeners,
      KernelVersion: release(),
      OperatingSystem: osRelease.get("PRETTY_NAME") ?? "Linux",
      OSVersion: osRelease.get("VERSION_ID") ?? "",
      OSType: "linux",
      Architecture: machine(),
      IndexServerAddress: "",
      RegistryConfig: registryConfig(deps),
      NCPU: availableParallelism(),
      MemTotal: totalmem(),
      GenericResources: null,
      DockerRootDir: deps.dataRoot,
      HttpProxy: deps.proxy.http,
      HttpsProxy: deps.proxy.https,
      NoProxy: deps.proxy.no,
      Name: hostname(),
      Labels: [...deps.labels],
      ExperimentalBuild: false,
      ServerVersion: dockerVersion,
      Runtimes: { [deps.runtime.name]: { path: deps.runtime.path } },
      DefaultRuntime: deps.runtime.name,
      Swarm: {
        NodeID: "",
        NodeAddr: "",
        LocalNodeState: "inactive",
        ControlAvailable: false,
        Error: "",
        RemoteManagers: null,
      },
      // Containers are children of their monitors and go on while the daemon is away, always.
      LiveRestoreEnabled: true,
      Isolation: "",
      InitBinary: "",
      ContainerdCommit: { ID: "" },
      RuncCommit: { ID: "" },
      InitCommit: { ID: "" },
      SecurityOptions: [
        ...(kernel.seccomp ? ["name=seccomp,profile=builtin"] : []),
        ...(kernel.cgroupVersion === "2" ? ["name=cgroupns"] : []),
      ],
      FirewallBackend: { Driver: "nftables" },
      CDISpecDirs: [],
      Warnings: warningsOf(kernel, forwards),
    };
  }

  async function version(): Promise<SystemVersion> {
    const known = await facts();
    const common = { Os: "linux", Arch: goArchitecture(), KernelVersion: release() };
    const programs = [known.runtime, known.monitor].filter((program) => program.version !== "");
    return {
      Platform: { Name: `Escale ${deps.version}` },
      Components: [
        {
          Name: "Engine",
          Version: dockerVersion,
          Details: {
            ApiVersion: apiVersion,
            Arch: common.Arch,
            BuildTime: "",
            Experimental: "false",
            GitCommit: "",
            GoVersion: "",
            KernelVersion: common.KernelVersion,
            MinAPIVersion: oldestApiVersion,
            Os: common.Os,
          },
        },
        { Name: "escale", Version: deps.version, Details: { NodeVersion: process.version } },
        ...programs.map(({ name, version: found, commit }) => ({
          Name: name,
          Version: found,
          Details: { GitCommit: commit },
        })),
      ],
      Version: dockerVersion,
      ApiVersion: apiVersion,
      MinAPIVersion: oldestApiVersion,
      GitCommit: "",
      GoVersion: "",
      ...common,
      BuildTime: "",
    };
  }

  return {
    info,
    version,
    diskUsage: (kinds) => diskUsage(deps.space, kinds),
    countEventListener: () => {
      listeners += 1;
      let isCounted = true;
      return () => {
        if (isCounted) listeners -= 1;
        isCounted = false;
      };
    },
  };
}
