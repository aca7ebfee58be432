/** Shapes of the OCI runtime specification 1.2 (`config.json` of a bundle), as far as Linux containers need them. */

/** The names of capabilities in {@link Capabilities}: `CAP_CHOWN`… */
export interface Capabilities {
  bounding: readonly string[];
  effective: readonly string[];
  permitted: readonly string[];
  inheritable: readonly string[];
  ambient: readonly string[];
}

/** Who a process runs as, by numbers. */
export interface User {
  uid: number;
  gid: number;
  umask?: number;
  additionalGids?: readonly number[];
}

/** A resource limit. A value beyond what a number holds exactly is a raw JSON number. */
export interface Rlimit {
  /** `RLIMIT_NOFILE`… */
  type: string;
  soft: number | object;
  hard: number | object;
}

/** What to run: `process` of a container, and the document of an exec. */
export interface Process {
  terminal?: boolean;
  consoleSize?: { height: number; width: number };
  user: User;
  args: readonly string[];
  env: readonly string[];
  cwd: string;
  capabilities?: Capabilities;
  rlimits?: readonly Rlimit[];
  noNewPrivileges?: boolean;
  apparmorProfile?: string;
  oomScoreAdj?: number;
}

/** One mount, made in the order of the list. */
export interface Mount {
  destination: string;
  type: string;
  source: string;
  options: readonly string[];
}

/** A namespace to make, or to join where `path` is given. */
export interface Namespace {
  type: "mount" | "network" | "uts" | "pid" | "ipc" | "cgroup" | "user" | "time";
  path?: string;
}

/** A device file to make in the container. */
export interface Device {
  path: string;
  type: "b" | "c" | "u" | "p";
  major: number;
  minor: number;
  /** Permission bits. */
  fileMode?: number;
  uid?: number;
  gid?: number;
}

/** A rule of the devices cgroup: later ones win. What is absent stands for all. */
export interface DeviceRule {
  allow: boolean;
  type?: "a" | "b" | "c";
  major?: number;
  minor?: number;
  /** Some of `rwm`. */
  access: string;
}

/** A block device with a limit of bytes or operations per second. */
export interface ThrottleDevice {
  major: number;
  minor: number;
  rate: number;
}

/** The limits of a container's cgroup. */
export interface Resources {
  devices?: readonly DeviceRule[];
  /** Bytes. */
  memory?: {
    limit?: number;
    reservation?: number;
    swap?: number;
    swappiness?: number;
    disableOOMKiller?: boolean;
  };
  /** Microseconds, but `shares`. */
  cpu?: {
    shares?: number;
    quota?: number;
    period?: number;
    realtimeRuntime?: number;
    realtimePeriod?: number;
    cpus?: string;
    mems?: string;
  };
  pids?: { limit: number };
  blockIO?: {
    weight?: number;
    weightDevice?: readonly { major: number; minor: number; weight: number }[];
    throttleReadBpsDevice?: readonly ThrottleDevice[];
    throttleWriteBpsDevice?: readonly ThrottleDevice[];
    throttleReadIOPSDevice?: readonly ThrottleDevice[];
    throttleWriteIOPSDevice?: readonly ThrottleDevice[];
  };
}

/** A condition on one argument of a system call. */
export interface SeccompArgument {
  index: number;
  value: number | object;
  valueTwo?: number | object;
  op: string;
}

/** What to do on some system calls; all arguments' conditions must hold. */
export interface SeccompRule {
  names: readonly string[];
  action: string;
  errnoRet?: number;
  args?: readonly SeccompArgument[];
}

/** The filter of system calls. */
export interface Seccomp {
  defaultAction: string;
  defaultErrnoRet?: number;
  architectures?: readonly string[];
  flags?: readonly string[];
  listenerPath?: string;
  listenerMetadata?: string;
  syscalls?: readonly SeccompRule[];
}

/** `config.json` of a bundle. */
export interface RuntimeSpec {
  ociVersion: string;
  process: Process;
  root: { path: string; readonly?: boolean };
  hostname?: string;
  domainname?: string;
  mounts: readonly Mount[];
  annotations?: Readonly<Record<string, string>>;
  linux: {
    namespaces: readonly Namespace[];
    devices?: readonly Device[];
    cgroupsPath: string;
    resources: Resources;
    rootfsPropagation?: string;
    seccomp?: Seccomp;
    sysctl?: Readonly<Record<string, string>>;
    maskedPaths?: readonly string[];
    readonlyPaths?: readonly string[];
  };
}
