/** `container prune`. */
import { humanSize } from "../../base/units.ts";
import { pruneContainers } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { confirm, pruneFilters } from "../confirm.ts";
import { boolFlag, filterFlag, longOnly } from "../flags/flag.ts";

/** `container prune`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  flags: {
    filter: longOnly(filterFlag('Provide filter values (e.g. "until=<timestamp>")')),
    force: boolFlag("Do not prompt for confirmation", { short: "f" }),
  },
  args: { min: 0, max: 0 },
  examples: ["container prune -f --filter until=24h"],
  run: async (cli, { flags }) => {
    if (!flags.force && !(await confirm(cli, "WARNING! This will remove all stopped containers."))) return 0;
    const answer = await pruneContainers(await cli.client(), pruneFilters(cli, flags.filter));
    const deleted = answer.ContainersDeleted ?? [];
    const list = deleted.length > 0 ? `Deleted Containers:\n${deleted.join("\n")}\n\n` : "";
    cli.streams.out.write(`${list}Total reclaimed space: ${humanSize(answer.SpaceReclaimed)}\n`);
    return 0;
  },
});
