/** `system info`. */
import { messageOf } from "../../base/errors.ts";
import { binarySize } from "../../base/units.ts";
import { escaleVersion } from "../../base/version.ts";
import { infoText } from "../../client/index.ts";
import { type AnyCommand, type Cli, CommandFailure, defineCommand } from "../command.ts";
import { inspectFormatFlag, templateOrFail } from "../format/inspect.ts";
import { executeTemplate, parseJson, templateFunctions } from "../template/index.ts";
import type { SystemInfo } from "./info-shape.ts";

function clientText(cli: Cli): string {
  return [
    "Client: Escale",
    ` Version:    ${escaleVersion}`,
    ` Context:    ${cli.contextName}`,
    ` Debug Mode: ${cli.isDebug}`,
  ].join("\n");
}

/** A list below a heading, or nothing. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [` ${title}:`, ...lines.map((line) => `  ${line}`)];
}

function unlessEmpty(label: string, value: string | undefined): string[] {
  return value ? [` ${label}: ${value}`] : [];
}

function securityLines(options: readonly string[]): string[] {
  return options.flatMap((option) => {
    if (!option.includes("=")) return [option];
    const pairs = new Map(option.split(",").map((pair) => pair.split("=") as [string, string]));
    const profile = pairs.get("profile");
    return [pairs.get("name") ?? "", ...(profile === undefined ? [] : [` Profile: ${profile}`])];
  });
}

function swarmLines({ Swarm: swarm }: SystemInfo): string[] {
  if (swarm.LocalNodeState === "inactive" || swarm.LocalNodeState === "locked") return [];
  const managers = (swarm.RemoteManagers ?? []).map(({ Addr }) => Addr).sort();
  return [
    `  NodeID: ${swarm.NodeID}`,
    ...(swarm.Error ? [`  Error: ${swarm.Error}`] : []),
    `  Is Manager: ${swarm.ControlAvailable}`,
    ...(swarm.ControlAvailable
      ? [`  ClusterID: ${swarm.Cluster?.ID ?? ""}`, `  Managers: ${swarm.Managers}`, `  Nodes: ${swarm.Nodes}`]
      : []),
    `  Node Address: ${swarm.NodeAddr}`,
    ...(managers.length === 0 ? [] : ["  Manager Addresses:", ...managers.map((address) => `   ${address}`)]),
  ];
}

function linuxLines(info: SystemInfo): string[] {
  if (info.OSType !== "linux") return [];
  return [
    ` Init Binary: ${info.InitBinary}`,
    ` containerd version: ${info.ContainerdCommit.ID}`,
    ` runc version: ${info.RuncCommit.ID}`,
    ` init version: ${info.InitCommit.ID}`,
    ...section("Security Options", securityLines(info.SecurityOptions ?? [])),
  ];
}

function registryLines({ RegistryConfig: config }: SystemInfo): string[] {
  if (!config) return [];
  const insecure = Object.values(config.IndexConfigs ?? {})
    .filter((index) => !index.Secure)
    .map((index) => index.Name);
  return [
    ...section("Insecure Registries", [...insecure, ...(config.InsecureRegistryCIDRs ?? [])]),
    ...section("Registry Mirrors", config.Mirrors ?? []),
  ];
}

function serverLines(info: SystemInfo, isDebug: boolean): string[] {
  const pairs = (rows: SystemInfo["DriverStatus"] | undefined): string[] =>
    (rows ?? []).map(([key, value]) => `  ${key}: ${value}`);
  const authorization = info.Plugins.Authorization ?? [];
  const runtimes = Object.keys(info.Runtimes ?? {});
  return [
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ...unlessEmpty("Server Version", info.ServerVersion),
    ...unlessEmpty("Storage Driver", info.Driver),
    ...pairs(info.DriverStatus),
    ...unlessEmpty("Logging Driver", info.LoggingDriver),
    ...unlessEmpty("Cgroup Driver", info.CgroupDriver),
    ...unlessEmpty("Cgroup Version", info.CgroupVersion),
    " Plugins:",
    `  Volume: ${(info.Plugins.Volume ?? []).join(" ")}`,
    `  Network: ${(info.Plugins.Network ?? []).join(" ")}`,
    ...(authorization.length === 0 ? [] : [`  Authorization: ${authorization.join(" ")}`]),
    `  Log: ${(info.Plugins.Log ?? []).join(" ")}`,
    ...section("CDI spec directories", info.CDISpecDirs ?? []),
    ` Swarm: ${info.Swarm.LocalNodeState}`,
    ...swarmLines(info),
    ...(runtimes.length === 0 ? [] : [` Runtimes: ${runtimes.join(" ")}`, ` Default Runtime: ${info.DefaultRuntime}`]),
    ...linuxLines(info),
    ...unlessEmpty("Kernel Version", info.KernelVersion),
    ...unlessEmpty("Operating System", info.OperatingSystem),
    ...unlessEmpty("OSType", info.OSType),
    ...unlessEmpty("Architecture", info.Architecture),
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${binarySize(info.MemTotal)}`,
    ...unlessEmpty("Name", info.Name),
    ...unlessEmpty("ID", info.ID),
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Debug Mode: ${info.Debug}`,
    ...(info.Debug || isDebug
      ? [
          `  File Descriptors: ${info.NFd}`,
          `  Goroutines: ${info.NGoroutines}`,
          `  System Time: ${info.SystemTime}`,
          `  EventsListeners: ${info.NEventsListener}`,
        ]
      : []),
    ...unlessEmpty("HTTP Proxy", info.HttpProxy),
    ...unlessEmpty("HTTPS Proxy", info.HttpsProxy),
    ...unlessEmpty("No Proxy", info.NoProxy),
    ...section("Labels", info.Labels ?? []),
    ` Experimental: ${info.ExperimentalBuild}`,
    ...registryLines(info),
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
    ...unlessEmpty("Product License", info.ProductLicense),
    ...section(
      "Default Address Pools",
      (info.DefaultAddressPools ?? []).map(({ Base, Size }) => ` Base: ${Base}, Size: ${Size}`),
    ),
    "",
  ];
}

async function printFormatted(cli: Cli, format: string): Promise<number> {
  const template = templateOrFail(format === "json" ? "{{json .}}" : format);
  const { infoType } = await import("./info-type.ts");
  const client = { Debug: cli.isDebug, Version: escaleVersion, Context: cli.contextName };
  let data: Record<string, unknown> = {};
  try {
    data = parseJson(await infoText(await cli.client())) as Record<string, unknown>;
  } catch (error) {
    cli.streams.err.write(`${messageOf(error)}\n`);
    data.ServerErrors = [messageOf(error)];
  }
  const dot = { type: infoType, data: { ...data, ClientInfo: client } };
  try {
    const text = executeTemplate(template, dot, { functions: templateFunctions });
    cli.streams.out.write(`${text}\n`);
    return 0;
  } catch (error) {
    cli.streams.out.write("\n");
    throw new CommandFailure(1, messageOf(error));
  }
}

/** `system info`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  aliases: ["system info", "info"],
  flags: { format: inspectFormatFlag },
  args: { min: 0, max: 0 },
  examples: ["info", "info --format '{{.Driver}}'"],
  run: async (cli, { flags }) => {
    if (flags.format !== "") return printFormatted(cli, flags.format);
    const { out, err } = cli.streams;
    out.write(`${clientText(cli)}\n\nServer:\n`);
    let info: SystemInfo;
    try {
      info = JSON.parse(await infoText(await cli.client())) as SystemInfo;
    } catch (error) {
      err.write(`${messageOf(error)}\n`);
      throw new CommandFailure(1, "errors pretty printing info");
    }
    out.write(`${serverLines(info, cli.isDebug).join("\n")}\n`);
    for (const warning of info.Warnings ?? []) err.write(`${warning}\n`);
    return 0;
  },
});
