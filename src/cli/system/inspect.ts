/** `inspect`: whatever bears that name or id. */
import { EscaleError, isKind, notFound } from "../../base/errors.ts";
import {
  type Client,
  infoText,
  inspectContainerText,
  inspectImageText,
  inspectNetworkText,
  inspectOtherText,
  inspectVolumeText,
} from "../../client/index.ts";
import { type AnyCommand, type Cli, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { type Inspected, inspectAll, inspectFormatFlag } from "../format/inspect.ts";
import { type GoType, goType } from "../template/index.ts";

interface Kind {
  readonly name: string;
  readonly isSwarm?: boolean;
  readonly find: (client: Client, name: string, size: boolean) => Promise<string>;
  readonly type: () => Promise<GoType>;
}

const untyped = (): Promise<GoType> => Promise.resolve(goType({}, "any"));
const volumeSchema = {
  "volume.Volume": `ClusterVolume?:*any; CreatedAt?:string; Driver:string; Labels:map string; Mountpoint:string; Name:string
    Options:map string; Scope:string; Status?:map any; UsageData?:*any`,
};

function swarm(name: string, path: (id: string) => string): Kind {
  return { name, isSwarm: true, find: (client, id) => inspectOtherText(client, path(id)), type: untyped };
}

/** The kinds in the order in which a name is looked for. */
const kinds: readonly Kind[] = [
  {
    name: "container",
    find: inspectContainerText,
    type: async () => (await import("../container/inspect-type.ts")).inspectType,
  },
  {
    name: "image",
    find: (client, name) => inspectImageText(client, name),
    type: async () => (await import("../image/inspect-type.ts")).inspectType,
  },
  {
    name: "network",
    find: (client, name) => inspectNetworkText(client, name),
    type: async () => (await import("../network/inspect-type.ts")).inspectType,
  },
  {
    name: "volume",
    find: (client, name) => inspectVolumeText(client, name),
    type: () => Promise.resolve(goType(volumeSchema, "volume.Volume")),
  },
  swarm("service", (id) => `/services/${id}`),
  swarm("task", (id) => `/tasks/${id}`),
  swarm("node", (id) => `/nodes/${id}`),
  { name: "plugin", find: (client, id) => inspectOtherText(client, `/plugins/${id}/json`), type: untyped },
  swarm("secret", (id) => `/secrets/${id}`),
  swarm("config", (id) => `/configs/${id}`),
];

function isSkippable(error: unknown): boolean {
  if (isKind(error, "not-found")) return true;
  return error instanceof EscaleError && /not supported|invalid reference format/.test(error.message);
}

async function isSwarmManager(cli: Cli, client: Client): Promise<boolean> {
  try {
    const info = JSON.parse(await infoText(client)) as { Swarm?: { ControlAvailable?: boolean } };
    return info.Swarm?.ControlAvailable === true;
  } catch (error) {
    cli.streams.err.write(`${(error as Error).message}\n`);
    return false;
  }
}

async function find(cli: Cli, client: Client, name: string, only: string, size: boolean): Promise<Inspected> {
  let isManager: boolean | undefined;
  for (const kind of kinds) {
    if (only !== "" && kind.name !== only) continue;
    if (only === "" && kind.isSwarm) {
      isManager ??= await isSwarmManager(cli, client);
      if (!isManager) continue;
    }
    let text: string;
    try {
      text = await kind.find(client, name, size);
    } catch (error) {
      if (only === "" && isSkippable(error)) continue;
      throw error;
    }
    if (size && kind.name !== "container") cli.streams.err.write(`WARNING: --size ignored for ${kind.name}\n`);
    return { text, type: kind.type };
  }
  throw notFound(`Error: No such object: ${name}`);
}

/** `inspect`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] NAME|ID [NAME|ID...]",
  flags: {
    format: inspectFormatFlag,
    size: boolFlag("Display total file sizes if the type is container", { short: "s" }),
    type: stringFlag("Only inspect objects of the given type"),
  },
  args: { min: 1 },
  examples: ["inspect web", "inspect -f '{{.NetworkSettings.IPAddress}}' web", "inspect --type image busybox"],
  run: async (cli, { flags, given, args }) => {
    const names = kinds.map((kind) => kind.name).sort();
    const allowed = `must be one of "${names.join('", "')}"`;
    if (given.has("type") && flags.type === "") throw new CommandFailure(1, `type is empty: ${allowed}`);
    if (flags.type !== "" && !names.includes(flags.type)) {
      throw new CommandFailure(1, `unknown type: "${flags.type}": ${allowed}`);
    }
    const client = await cli.client();
    return inspectAll(cli, args, flags.format, (name) => find(cli, client, name, flags.type, flags.size));
  },
});
