/** `version`. */
import { arch } from "node:os";
import { messageOf } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import { escaleVersion } from "../../base/version.ts";
import { serverVersion } from "../../client/index.ts";
import { apiVersion } from "../../wire/docker/api-version.ts";
import type { SystemVersion } from "../../wire/docker/system.ts";
import { type AnyCommand, type Cli, CommandFailure, defineCommand } from "../command.ts";
import { ansiTime } from "../format/go-time.ts";
import { inspectFormatFlag } from "../format/inspect.ts";
import { alignTabs } from "../format/table.ts";
import { executeTemplate, functionNames, goType, parseTemplate, templateFunctions } from "../template/index.ts";

const schema = {
  "system.versionInfo": "Client:system.clientVersion; Server:*types.Version",
  "system.clientVersion": `Platform?:*system.platformInfo; Version?:string; APIVersion=ApiVersion?:string
    DefaultAPIVersion?:string; GitCommit?:string; GoVersion?:string; NodeVersion?:string; Os?:string; Arch?:string
    BuildTime?:string; Context:string`,
  "system.platformInfo": "Name?:string",
  "types.Platform": "Name:string",
  "types.Version": `Platform:types.Platform; Components:[]types.ComponentVersion; Version:string
    APIVersion=ApiVersion:string; MinAPIVersion?:string; GitCommit:string; GoVersion:string; Os:string; Arch:string
    KernelVersion?:string; Experimental?:bool; BuildTime?:string`,
  "types.ComponentVersion": "Name:string; Version:string; Details?:map string",
};

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** What this client says of itself. */
async function clientVersion(cli: Cli): Promise<Record<string, string>> {
  // Without a daemon to agree with, the client speaks its own version.
  const inUse = await cli
    .client()
    .then((client) => client.daemon())
    .then(
      (daemon) => daemon.apiVersion,
      () => apiVersion,
    );
  return {
    Version: escaleVersion,
    ApiVersion: inUse,
    DefaultAPIVersion: apiVersion,
    NodeVersion: process.version,
    Os: "linux",
    Arch: architectures[arch()] ?? arch(),
    Context: cli.contextName,
  };
}

function clientText(client: Readonly<Record<string, string>>): string {
  const downgraded =
    client.ApiVersion === client.DefaultAPIVersion ? "" : ` (downgraded from ${client.DefaultAPIVersion})`;
  return [
    "Client: Escale",
    ` Version:\t${client.Version}`,
    ` API version:\t${client.ApiVersion}${downgraded}`,
    ` Node version:\t${client.NodeVersion}`,
    ` OS/Arch:\t${client.Os}/${client.Arch}`,
    ` Context:\t${client.Context}`,
  ].join("\n");
}

function serverText(server: SystemVersion): string {
  const lines = [`Server:${server.Platform?.Name ? ` ${server.Platform.Name}` : ""}`];
  for (const { Name, Version, Details } of componentsOf(server)) {
    lines.push(` ${Name}:`);
    const details = Details ?? {};
    if (Name !== "Engine") {
      lines.push(`  Version:\t${Version}`);
      for (const key of Object.keys(details).sort()) lines.push(`  ${key}:\t${details[key]}`);
      continue;
    }
    lines.push(
      `  Version:\t${Version}`,
      `  API version:\t${details.ApiVersion ?? ""} (minimum version ${details.MinAPIVersion ?? ""})`,
      `  Go version:\t${details.GoVersion ?? ""}`,
      `  Git commit:\t${details.GitCommit ?? ""}`,
      `  Built:\t${details.BuildTime ?? ""}`,
      `  OS/Arch:\t${details.Os ?? ""}/${details.Arch ?? ""}`,
      `  Experimental:\t${details.Experimental ?? ""}`,
    );
  }
  return lines.join("\n");
}

/** The components of a daemon, with its engine, whose build time is told for people. */
function componentsOf(server: SystemVersion): SystemVersion["Components"] {
  const components = server.Components ?? [];
  const withEngine = components.some(({ Name }) => Name === "Engine")
    ? components
    : [
        ...components,
        {
          Name: "Engine",
          Version: server.Version,
          Details: {
            ApiVersion: server.ApiVersion,
            MinAPIVersion: server.MinAPIVersion,
            GitCommit: server.GitCommit,
            GoVersion: server.GoVersion,
            Os: server.Os,
            Arch: server.Arch,
            BuildTime: server.BuildTime,
            Experimental: String(server.Experimental ?? false),
          },
        },
      ];
  return withEngine.map((component) => {
    const time = component.Details?.BuildTime;
    if (component.Name !== "Engine" || time === undefined) return component;
    return { ...component, Details: { ...component.Details, BuildTime: ansiTime(time) } };
  });
}

const layout = { minWidth: 20, padding: 1 };

/** `version`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  flags: { format: inspectFormatFlag },
  args: { min: 0, max: 0 },
  examples: ["version", "version --format '{{.Server.Version}}'"],
  run: async (cli, { flags }) => {
    const source = flags.format === "json" ? "{{json .}}" : flags.format;
    const template = source === "" ? undefined : parseOrFail(source);
    const client = await clientVersion(cli);
    let server: SystemVersion | undefined;
    let failure: unknown;
    try {
      server = await serverVersion(await cli.client());
    } catch (error) {
      failure = error;
    }
    if (template === undefined) {
      const text = server === undefined ? clientText(client) : `${clientText(client)}\n\n${serverText(server)}`;
      cli.streams.out.write(alignTabs(`${text}\n`, layout));
    } else {
      const data = {
        Client: client,
        Server: server === undefined ? undefined : { ...server, Components: componentsOf(server) },
      };
      let text = "";
      try {
        const dot = { type: goType(schema, "system.versionInfo"), data };
        text = executeTemplate(template, dot, { functions: templateFunctions });
      } catch (error) {
        failure ??= new CommandFailure(
          1,
          messageOf(error)
            .replace(/^template: :/, "template: version:")
            .replace(`executing ${quote("")}`, 'executing "version"'),
        );
      }
      cli.streams.out.write(alignTabs(`${text}\n`, layout));
    }
    if (failure !== undefined) throw failure;
    return 0;
  },
});

function parseOrFail(source: string): ReturnType<typeof parseTemplate> {
  try {
    return parseTemplate(source, functionNames);
  } catch (error) {
    const reason = messageOf(error).replace(/^template: :/, "template: version:");
    throw new CommandFailure(64, `template parsing error: ${reason}`);
  }
}
