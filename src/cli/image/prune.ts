/** `image prune`. */
import { humanSize } from "../../base/units.ts";
import { pruneImages } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { confirm, pruneFilters } from "../confirm.ts";
import { boolFlag, filterFlag, longOnly } from "../flags/flag.ts";

/** `image prune`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  flags: {
    all: boolFlag("Remove all unused images, not just dangling ones", { short: "a" }),
    filter: longOnly(filterFlag('Provide filter values (e.g. "until=<timestamp>")')),
    force: boolFlag("Do not prompt for confirmation", { short: "f" }),
  },
  args: { min: 0, max: 0 },
  examples: ["image prune -a -f --filter until=240h"],
  run: async (cli, { flags }) => {
    const warning = flags.all
      ? "WARNING! This will remove all images without at least one container associated to them."
      : "WARNING! This will remove all dangling images.";
    if (!flags.force && !(await confirm(cli, warning))) return 0;
    const filters = { ...pruneFilters(cli, flags.filter), dangling: [String(!flags.all)] };
    const answer = await pruneImages(await cli.client(), filters);
    const lines = (answer.ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
      Untagged === undefined ? `deleted: ${Deleted}\n` : `untagged: ${Untagged}\n`,
    );
    const list = lines.length > 0 ? `Deleted Images:\n${lines.join("")}\n` : "";
    cli.streams.out.write(`${list}Total reclaimed space: ${humanSize(answer.SpaceReclaimed)}\n`);
    return 0;
  },
});
