import {
  boolean,
  integer,
  list,
  map,
  named,
  type Shape,
  string,
  stringMap,
  strings,
  struct,
  words,
} from "./json-shape.ts";

const int = integer("int");
const int64 = integer("int64");
const duration = integer("int64", "time.Duration");
const emptyStruct = struct("struct {}", {});

const consoleSize: Shape = { kind: "list", goType: "[2]uint", of: integer("uint"), length: 2 };
const weightDevice = struct("blkiodev.WeightDevice", { Path: string, Weight: integer("uint16") });
const throttleDevice = struct("blkiodev.ThrottleDevice", { Path: string, Rate: integer("uint64") });
const throttleDevices = list(throttleDevice, "[]*blkiodev.ThrottleDevice");

const mount = struct("mount.Mount", {
  Type: named("mount.Type"),
  Source: string,
  Target: string,
  ReadOnly: boolean,
  Consistency: named("mount.Consistency"),
  BindOptions: struct("mount.BindOptions", {
    Propagation: named("mount.Propagation"),
    NonRecursive: boolean,
    CreateMountpoint: boolean,
    ReadOnlyNonRecursive: boolean,
    ReadOnlyForceRecursive: boolean,
  }),
  VolumeOptions: struct("mount.VolumeOptions", {
    NoCopy: boolean,
    Labels: stringMap,
    Subpath: string,
    DriverConfig: struct("mount.Driver", { Name: string, Options: stringMap }),
  }),
  TmpfsOptions: struct("mount.TmpfsOptions", {
    SizeBytes: int64,
    Mode: integer("uint64", "fs.FileMode"),
    Options: list(strings),
  }),
  ImageOptions: struct("mount.ImageOptions", { Subpath: string }),
  ClusterOptions: struct("mount.ClusterOptions", {}),
});

const policy = struct("container.RestartPolicy", {
  Name: named("container.RestartPolicyMode"),
  MaximumRetryCount: int,
});

const hostConfig = struct("container.HostConfig", {
  Binds: strings,
  ContainerIDFile: string,
  LogConfig: struct("container.LogConfig", { Type: string, Config: stringMap }),
  NetworkMode: named("container.NetworkMode"),
  PortBindings: map(list(struct("nat.PortBinding", { HostIp: string, HostPort: string })), "nat.PortMap"),
  RestartPolicy: policy,
  AutoRemove: boolean,
  VolumeDriver: string,
  VolumesFrom: strings,
  ConsoleSize: consoleSize,
  Annotations: stringMap,
  Mounts: list(mount),
  CapAdd: words,
  CapDrop: words,
  CgroupnsMode: named("container.CgroupnsMode"),
  Dns: strings,
  DnsOptions: strings,
  DnsSearch: strings,
  ExtraHosts: strings,
  GroupAdd: strings,
  IpcMode: named("container.IpcMode"),
  Cgroup: named("container.CgroupSpec"),
  Links: strings,
  OomScoreAdj: int,
  PidMode: named("container.PidMode"),
  Privileged: boolean,
  PublishAllPorts: boolean,
  ReadonlyRootfs: boolean,
  SecurityOpt: strings,
  StorageOpt: stringMap,
  Tmpfs: stringMap,
  UTSMode: named("container.UTSMode"),
  UsernsMode: named("container.UsernsMode"),
  ShmSize: int64,
  Sysctls: stringMap,
  Runtime: string,
  Isolation: named("container.Isolation"),
  CpuShares: int64,
  Memory: int64,
  NanoCpus: int64,
  CgroupParent: string,
  BlkioWeight: integer("uint16"),
  BlkioWeightDevice: list(weightDevice, "[]*blkiodev.WeightDevice"),
  BlkioDeviceReadBps: throttleDevices,
  BlkioDeviceWriteBps: throttleDevices,
  BlkioDeviceReadIOps: throttleDevices,
  BlkioDeviceWriteIOps: throttleDevices,
  CpuPeriod: int64,
  CpuQuota: int64,
  CpuRealtimePeriod: int64,
  CpuRealtimeRuntime: int64,
  CpusetCpus: string,
  CpusetMems: string,
  Devices: list(
    struct("container.DeviceMapping", { PathOnHost: string, PathInContainer: string, CgroupPermissions: string }),
  ),
  DeviceCgroupRules: strings,
  DeviceRequests: list(
    struct("container.DeviceRequest", {
      Driver: string,
      Count: int,
      DeviceIDs: strings,
      Capabilities: list(strings),
      Options: stringMap,
    }),
  ),
  MemoryReservation: int64,
  MemorySwap: int64,
  MemorySwappiness: int64,
  OomKillDisable: boolean,
  PidsLimit: int64,
  Ulimits: list(struct("units.Ulimit", { Name: string, Hard: int64, Soft: int64 }), "[]*units.Ulimit"),
  CpuCount: int64,
  CpuPercent: int64,
  IOMaximumIOps: integer("uint64"),
  IOMaximumBandwidth: integer("uint64"),
  MaskedPaths: strings,
  ReadonlyPaths: strings,
  Init: boolean,
});

/** The body of `POST /containers/{id}/update`: what of a host config can change. */
export const containerUpdateShape: Shape = struct("container.UpdateConfig", {
  CpuShares: int64,
  Memory: int64,
  NanoCpus: int64,
  BlkioWeight: integer("uint16"),
  CpuPeriod: int64,
  CpuQuota: int64,
  CpusetCpus: string,
  CpusetMems: string,
  MemoryReservation: int64,
  MemorySwap: int64,
  PidsLimit: int64,
  RestartPolicy: policy,
});

const endpointSettings = struct("network.EndpointSettings", {
  IPAMConfig: struct("network.EndpointIPAMConfig", {
    IPv4Address: string,
    IPv6Address: string,
    LinkLocalIPs: strings,
  }),
  Links: strings,
  Aliases: strings,
  MacAddress: string,
  DriverOpts: stringMap,
  GwPriority: int,
  NetworkID: string,
  EndpointID: string,
  Gateway: string,
  IPAddress: string,
  IPPrefixLen: int,
  IPv6Gateway: string,
  GlobalIPv6Address: string,
  GlobalIPv6PrefixLen: int,
  DNSNames: strings,
});

/** Body of `POST /containers/create`. */
export const containerCreateShape: Shape = struct("container.CreateRequest", {
  Hostname: string,
  Domainname: string,
  User: string,
  AttachStdin: boolean,
  AttachStdout: boolean,
  AttachStderr: boolean,
  ExposedPorts: map(emptyStruct, "nat.PortSet"),
  Tty: boolean,
  OpenStdin: boolean,
  StdinOnce: boolean,
  Env: strings,
  Cmd: words,
  Healthcheck: struct("v1.HealthcheckConfig", {
    Test: strings,
    Interval: duration,
    Timeout: duration,
    StartPeriod: duration,
    StartInterval: duration,
    Retries: int,
  }),
  ArgsEscaped: boolean,
  Image: string,
  Volumes: map(emptyStruct),
  WorkingDir: string,
  Entrypoint: words,
  NetworkDisabled: boolean,
  MacAddress: string,
  OnBuild: strings,
  Labels: stringMap,
  StopSignal: string,
  StopTimeout: int,
  Shell: words,
  HostConfig: hostConfig,
  NetworkingConfig: struct("network.NetworkingConfig", {
    EndpointsConfig: map(endpointSettings, "map[string]*network.EndpointSettings"),
  }),
});

/** Body of `POST /containers/{id}/exec`. */
export const execCreateShape: Shape = struct("container.ExecOptions", {
  User: string,
  Privileged: boolean,
  Tty: boolean,
  ConsoleSize: consoleSize,
  AttachStdin: boolean,
  AttachStderr: boolean,
  AttachStdout: boolean,
  DetachKeys: string,
  Env: strings,
  WorkingDir: string,
  Cmd: strings,
});

/** Body of `POST /exec/{id}/start`. */
export const execStartShape: Shape = struct("container.ExecStartOptions", {
  Detach: boolean,
  Tty: boolean,
  ConsoleSize: consoleSize,
});
