/** `network inspect`. */
import { inspectNetworkText } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { boolFlag } from "../flags/flag.ts";
import { inspectAll, inspectFormatFlag } from "../format/inspect.ts";

/** `network inspect`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] NETWORK [NETWORK...]",
  flags: { format: inspectFormatFlag, verbose: boolFlag("Verbose output for diagnostics", { short: "v" }) },
  args: { min: 1 },
  examples: ["network inspect bridge", "network inspect -f '{{range .IPAM.Config}}{{.Subnet}}{{end}}' bridge"],
  run: async (cli, { flags, args }) => {
    const client = await cli.client();
    return inspectAll(cli, args, flags.format, async (name) => ({
      text: await inspectNetworkText(client, name, flags.verbose),
      type: async () => (await import("./inspect-type.ts")).inspectType,
    }));
  },
});
