/** `system events`. */
import { messageOf } from "../../base/errors.ts";
import { readJsonLines, watchEvents } from "../../client/index.ts";
import type { EventMessage } from "../../wire/docker/system.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { filterFlag, stringFlag } from "../flags/flag.ts";
import { rfc3339OfNanoseconds } from "../format/go-time.ts";
import { formatFlag } from "../format/inspect.ts";
import { timestampOf } from "../format/timestamp.ts";
import {
  executeTemplate,
  functionNames,
  type GoType,
  goType,
  parseJson,
  parseTemplate,
  type Template,
  templateFunctions,
} from "../template/index.ts";

const schema = {
  "events.Message": `Status=status?:string; ID=id?:string; From=from?:string; Type:string; Action:string
    Actor:events.Actor; Scope=scope?:string; Time=time?:int64; TimeNano=timeNano?:int64`,
  "events.Actor": "ID:string; Attributes:map string",
};

const messageType: GoType = goType(schema, "events.Message");

function templateOf(format: string): Template | undefined {
  if (format === "") return undefined;
  try {
    const template = parseTemplate(format === "json" ? "{{json .}}" : format, functionNames);
    executeTemplate(template, { type: messageType, data: {} }, { functions: templateFunctions });
    return template;
  } catch (error) {
    throw new CommandFailure(
      64,
      `Error parsing format: ${messageOf(error).replace("events.Message", "*events.Message")}`,
    );
  }
}

function eventText(event: EventMessage): string {
  const attributes = Object.entries(event.Actor.Attributes ?? {});
  attributes.sort(([a], [b]) => (a < b ? -1 : 1));
  const pairs = attributes.map(([key, value]) => `${key}=${value}`).join(", ");
  const nanoseconds = BigInt(event.timeNano || 0) || BigInt(event.time || 0) * 1_000_000_000n;
  const time = nanoseconds === 0n ? "" : `${rfc3339OfNanoseconds(nanoseconds)} `;
  return `${time}${event.Type} ${event.Action} ${event.Actor.ID}${pairs === "" ? "" : ` (${pairs})`}\n`;
}

/** `system events`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS]",
  aliases: ["system events", "events"],
  flags: {
    filter: filterFlag("Filter output based on conditions provided"),
    format: formatFlag(),
    since: stringFlag("Show all events created since timestamp"),
    until: stringFlag("Stream events until this timestamp"),
  },
  args: { min: 0, max: 0 },
  examples: ["events --filter type=container", "events --since 10m --until 0s --format json"],
  run: async (cli, { flags }) => {
    const template = templateOf(flags.format);
    const bound = (text: string): string => (text === "" ? "" : timestampOf(text, Date.now()));

    const options = { since: bound(flags.since), until: bound(flags.until), filters: flags.filter };
    const { body } = await watchEvents(await cli.client(), options);
    for await (const line of readJsonLines(body)) {
      const event = parseJson(line);
      cli.streams.out.write(
        template === undefined
          ? eventText(event as EventMessage)
          : `${executeTemplate(template, { type: messageType, data: event }, { functions: templateFunctions })}\n`,
      );
    }
    return 0;
  },
});
