import { join } from "node:path";
import type { ContainerInspect, NetworkSettings } from "../../wire/docker/containers.ts";
import type { EndpointSettings } from "../../wire/docker/networks.ts";
import type { Sandbox } from "../sandboxes/index.ts";
import type { ContainersDeps } from "./deps.ts";
import { pathsOf } from "./paths.ts";
import { type ContainerRecord, toApiState } from "./record.ts";
import { networkFilesOwner } from "./shared-namespaces.ts";
import type { Container, ContainerTable } from "./table.ts";

/** A container's networks: live addresses while it has a sandbox, else what was asked for. */
export function endpointsOf(record: ContainerRecord, sandbox: Sandbox | undefined): Record<string, EndpointSettings> {
  return { ...(sandbox?.endpoints ?? record.endpoints) };
}

function networkSettings(deps: ContainersDeps, record: ContainerRecord): NetworkSettings {
  const sandbox = deps.sandboxes.get(record.id);
  const networks = endpointsOf(record, sandbox);
  // The flat fields are those of the default bridge alone, for clients older than networks.
  const bridge = networks.bridge;
  return {
    Bridge: "",
    SandboxID: sandbox?.id ?? "",
    SandboxKey: sandbox?.namespacePath ?? "",
    Ports: sandbox?.ports ?? {},
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? "",
    Gateway: bridge?.Gateway ?? "",
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? "",
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? "",
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? "",
    MacAddress: bridge?.MacAddress ?? "",
    Networks: networks,
  };
}

/** Everything about a container. Source: ContainerInspect. */
export async function inspect(
  deps: ContainersDeps,
  table: ContainerTable,
  id: string,
  options: { size: boolean },
): Promise<ContainerInspect> {
  const container: Container = table.resolve(id);
  const { record } = container;
  const paths = pathsOf(deps.instance, record.id);
  const files = pathsOf(deps.instance, networkFilesOwner(table, record));
  const snapshot = deps.snapshots.get(record.id);
  const sizes = options.size
    ? { SizeRw: await deps.snapshots.size(record.id), SizeRootFs: await deps.snapshots.virtualSize(record.id) }
    : {};
  return {
    Id: record.id,
    Created: record.createdAt,
    Path: record.path,
    Args: [...record.args],
    State: toApiState(record.state),
    Image: record.imageId,
    ResolvConfPath: files.resolvConf,
    HostnamePath: files.hostname,
    HostsPath: files.hosts,
    LogPath: record.hostConfig.LogConfig.Type === "json-file" ? paths.jsonLog : "",
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: container.execIds.size === 0 ? null : [...container.execIds],
    HostConfig: record.hostConfig,
    GraphDriver: {
      Data: {
        ID: record.id,
        LowerDir: snapshot?.lowerDirs.join(":") ?? "",
        MergedDir: snapshot?.mountPoint ?? "",
        UpperDir: snapshot?.upperDir ?? "",
        WorkDir: snapshot?.workDir ?? join(paths.folder, "work"),
      },
      Name: "overlay2",
    },
    ...sizes,
    Mounts: record.mounts.filter((mount) => mount.Type !== "tmpfs").map((mount) => ({ ...mount })),
    Config: record.config,
    NetworkSettings: networkSettings(deps, record),
  };
}
