/** `container logs`. */
import { invalid } from "../../base/errors.ts";
import { containerLogs, inspectContainer, readFrames } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { timestampOf } from "../format/timestamp.ts";

function bound(flag: string, text: string): string {
  if (text === "") return "";
  try {
    return timestampOf(text, Date.now());
  } catch (error) {
    throw invalid(`invalid value for "${flag}": ${(error as Error).message}`);
  }
}

/** `container logs`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER",
  aliases: ["container logs", "logs"],
  flags: {
    details: boolFlag("Show extra details provided to logs"),
    follow: boolFlag("Follow log output", { short: "f" }),
    since: stringFlag(
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
    tail: stringFlag("Number of lines to show from the end of the logs", { short: "n", initial: "all" }),
    timestamps: boolFlag("Show timestamps", { short: "t" }),
    until: stringFlag(
      'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
  },
  args: { min: 1, max: 1 },
  examples: ["logs -f web", "logs --tail 20 -t web", "logs --since 10m web"],
  run: async (cli, { flags, args }) => {
    const client = await cli.client();
    const { Id: id, Config: config } = await inspectContainer(client, args[0] ?? "");
    const response = await containerLogs(client, id, {
      follow: flags.follow,
      timestamps: flags.timestamps,
      details: flags.details,
      tail: flags.tail,
      since: bound("since", flags.since),
      until: bound("until", flags.until),
    });
    const { out, err } = cli.streams;
    if (config.Tty) {
      for await (const piece of response.body) out.write(piece);
    } else {
      for await (const { stream, data } of readFrames(response.body)) (stream === "stderr" ? err : out).write(data);
    }
    return 0;
  },
});
