/** The Go types that templates over the daemon's information see. */
import { type GoType, goType, type Schema } from "../template/index.ts";

const schema: Schema = {
  "system.dockerInfo": `ID:string; Containers:int; ContainersRunning:int; ContainersPaused:int; ContainersStopped:int
    Images:int; Driver:string; DriverStatus:[][]string; SystemStatus?:[][]string; Plugins:system.PluginsInfo
    MemoryLimit:bool; SwapLimit:bool; KernelMemory?:bool; KernelMemoryTCP?:bool; CPUCfsPeriod=CpuCfsPeriod:bool
    CPUCfsQuota=CpuCfsQuota:bool; CPUShares:bool; CPUSet:bool; PidsLimit:bool; IPv4Forwarding:bool; Debug:bool; NFd:int
    OomKillDisable:bool; NGoroutines:int; SystemTime:string; LoggingDriver:string; CgroupDriver:string
    CgroupVersion?:string; NEventsListener:int; KernelVersion:string; OperatingSystem:string; OSVersion:string
    OSType:string; Architecture:string; IndexServerAddress:string; RegistryConfig:*any; NCPU:int; MemTotal:int64
    GenericResources:[]any; DockerRootDir:string; HTTPProxy=HttpProxy:string; HTTPSProxy=HttpsProxy:string; NoProxy:string
    Name:string; Labels:[]string; ExperimentalBuild:bool; ServerVersion:string; Runtimes:map any; DefaultRuntime:string
    Swarm:swarm.Info; LiveRestoreEnabled:bool; Isolation:string; InitBinary:string; ContainerdCommit:system.Commit
    RuncCommit:system.Commit; InitCommit:system.Commit; SecurityOptions:[]string; ProductLicense?:string
    DefaultAddressPools?:[]system.NetworkAddressPool; FirewallBackend?:*any; CDISpecDirs:[]string; DiscoveredDevices?:[]any
    Containerd?:*any; Warnings:[]string; ServerErrors?:[]string; ClientInfo?:*system.clientInfo; ClientErrors?:[]string`,
  "system.PluginsInfo": "Volume:[]string; Network:[]string; Authorization:[]string; Log:[]string",
  "system.Commit": "ID:string",
  "system.NetworkAddressPool": "Base:string; Size:int",
  "swarm.Info": `NodeID:string; NodeAddr:string; LocalNodeState:string; ControlAvailable:bool; Error:string
    RemoteManagers:[]swarm.Peer; Nodes?:int; Managers?:int; Cluster?:*any; Warnings?:[]string`,
  "swarm.Peer": "NodeID:string; Addr:string",
  "system.clientInfo": `Debug:bool; Version?:string; APIVersion=ApiVersion?:string; DefaultAPIVersion?:string
    GitCommit?:string; GoVersion?:string; Os?:string; Arch?:string; BuildTime?:string; Context:string; Plugins:[]any
    Warnings:[]string`,
};

/** The type of the daemon's information. */
export const infoType: GoType = goType(schema, "system.dockerInfo");
