/** `container port`. */
import { quote } from "../../base/quote.ts";
import { inspectContainer } from "../../client/index.ts";
import type { PortBinding } from "../../wire/docker/containers.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { naturalOrder } from "../format/natural-order.ts";

function addressOf({ HostIp = "", HostPort = "" }: PortBinding): string {
  return HostIp.includes(":") ? `[${HostIp}]:${HostPort}` : `${HostIp}:${HostPort}`;
}

/** `container port`. */
export const command: AnyCommand = defineCommand({
  usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
  aliases: ["container port", "port"],
  flags: {},
  args: { min: 1, max: 2 },
  examples: ["port web", "port web 80/tcp"],
  run: async (cli, { args }) => {
    const [name = "", wanted] = args;
    const container = await inspectContainer(await cli.client(), name);
    const ports = container.NetworkSettings.Ports ?? {};
    let lines: string[] = [];
    if (wanted !== undefined) {
      const [port = "", protocol = "tcp"] = wanted.split("/");
      if (!/^\d+$/.test(port) || Number(port) > 65535) throw new CommandFailure(1, portProblem(port));
      const bindings = ports[`${Number(port)}/${protocol}`];
      if (!bindings) throw new CommandFailure(1, `Error: No public port '${wanted}' published for ${name}`);
      lines = bindings.map(addressOf);
    } else {
      for (const [port, bindings] of Object.entries(ports)) {
        for (const binding of bindings ?? []) lines.push(`${port} -> ${addressOf(binding)}`);
      }
    }
    if (lines.length > 0) cli.streams.out.write(`${lines.sort(naturalOrder).join("\n")}\n`);
    return 0;
  },
});

function portProblem(port: string): string {
  const reason = /^\d+$/.test(port) ? "value out of range" : "invalid syntax";
  return `Error: invalid port (${port}): strconv.ParseUint: parsing ${quote(port)}: ${reason}`;
}
