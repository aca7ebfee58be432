/** `inspect`: what the daemon says of things, as JSON or through a template. */
import { messageOf } from "../../base/errors.ts";
import { type Cli, CommandFailure } from "../command.ts";
import { type Flag, stringFlag } from "../flags/flag.ts";
import {
  executeTemplate,
  functionNames,
  type GoType,
  parseJson,
  parseTemplate,
  parseUntyped,
  type Template,
  templateFunctions,
} from "../template/index.ts";
import { compactJson, indentJson } from "./json-text.ts";

/** A thing that was found: the daemon's JSON, and the type that templates see it as. */
export interface Inspected {
  readonly text: string;
  /** Loaded only when a template asks. */
  readonly type: () => Promise<GoType>;
}

/** The flag `--format` of everything that shows one object. */
export const inspectFormatFlag: Flag<string> = formatFlag("f");

/** The flag `--format` for one object, with or without a short form. */
export function formatFlag(short?: string): Flag<string> {
  const usage = [
    "Format output using a custom template:",
    "'json':             Print in JSON format",
    "'TEMPLATE':         Print output using the given Go template.",
  ].join("\n");
  return stringFlag(usage, short === undefined ? {} : { short });
}

/** Parses a template; one that is none ends the command with 64. */
export function templateOrFail(source: string): Template {
  try {
    return parseTemplate(source, functionNames);
  } catch (error) {
    throw new CommandFailure(64, `template parsing error: ${messageOf(error)}`);
  }
}

async function render(template: Template, { text, type }: Inspected): Promise<string> {
  try {
    const value = { type: await type(), data: parseJson(text) };
    return executeTemplate(template, value, { functions: templateFunctions });
  } catch {
    // Fields that only the JSON has are found without a type.
    return executeTemplate(template, parseUntyped(text), { functions: templateFunctions, isStrict: true });
  }
}

/** Looks up each name and shows what was found; what went wrong is told at the end, with exit code 1. */
export async function inspectAll(
  cli: Cli,
  names: readonly string[],
  format: string,
  find: (name: string) => Promise<Inspected>,
): Promise<number> {
  const isJson = format === "" || format === "json";
  const template = isJson ? undefined : templateOrFail(format);
  const found: string[] = [];
  const failures: string[] = [];
  for (const name of names) {
    try {
      const one = await find(name);
      if (template === undefined) {
        found.push(one.text);
        continue;
      }
      try {
        found.push(`${await render(template, one)}\n`);
      } catch (error) {
        failures.push(`template parsing error: ${messageOf(error)}`);
      }
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  cli.streams.out.write(layOut(found, format));
  if (failures.length > 0) throw new CommandFailure(1, failures.join("\n"));
  return 0;
}

function layOut(found: readonly string[], format: string): string {
  if (format !== "" && format !== "json") return found.length === 0 ? "\n" : found.join("");
  const list = `[${found.join(",")}]`;
  return `${format === "json" ? compactJson(list) : indentJson(list, "    ")}\n`;
}
