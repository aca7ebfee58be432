/** `network ls`. */
import { shortId } from "../../base/ids.ts";
import { listNetworks } from "../../client/index.ts";
import type { NetworkInspect } from "../../wire/docker/networks.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { boolFlag, filterFlag } from "../flags/flag.ts";
import { goTime } from "../format/go-time.ts";
import { formatList } from "../format/list.ts";
import { listFormatFlag } from "../format/list-flag.ts";
import { naturalOrder } from "../format/natural-order.ts";
import type { Row } from "../template/index.ts";

const headers: Readonly<Record<string, string>> = {
  ID: "NETWORK ID",
  Name: "NAME",
  Driver: "DRIVER",
  Scope: "SCOPE",
  IPv4: "IPV4",
  IPv6: "IPV6",
  Internal: "INTERNAL",
  Labels: "LABELS",
  CreatedAt: "CREATED AT",
};

function networkRow(network: NetworkInspect, isShort: boolean): Row {
  const labels = network.Labels ?? {};
  return {
    ID: () => (isShort ? shortId(network.Id) : network.Id),
    Name: () => network.Name,
    Driver: () => network.Driver,
    Scope: () => network.Scope,
    IPv4: () => String(network.EnableIPv4),
    IPv6: () => String(network.EnableIPv6),
    Internal: () => String(network.Internal),
    Labels: () =>
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(","),
    Label: (name) => labels[name ?? ""] ?? "",
    CreatedAt: () => goTime(network.Created),
  };
}

/** `network ls`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  aliases: ["network ls", "network list"],
  flags: {
    filter: filterFlag('Provide filter values (e.g. "driver=bridge")'),
    format: listFormatFlag,
    noTrunc: boolFlag("Do not truncate the output"),
    quiet: boolFlag("Only display network IDs", { short: "q" }),
  },
  args: { min: 0, max: 0 },
  examples: ["network ls", "network ls --filter driver=bridge"],
  run: async (cli, { flags }) => {
    const networks = await listNetworks(await cli.client(), flags.filter);
    networks.sort((a, b) => naturalOrder(a.Name, b.Name));
    const source = flags.format || (flags.quiet ? "" : cli.config.networksFormat) || "table";
    const columns = "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}";
    const raw = "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n";
    let format = source;
    if (source === "table") format = flags.quiet ? "{{.ID}}" : columns;
    else if (source === "raw") format = flags.quiet ? "network_id: {{.ID}}" : raw;
    const list = { format, typeName: "*network.networkContext", headers };
    cli.streams.out.write(
      formatList(
        list,
        networks.map((network) => networkRow(network, !flags.noTrunc)),
      ),
    );
    return 0;
  },
});
