/** Asks before something is thrown away. */
import type { Cli } from "./command.ts";

/** Shows `warning` and waits for a line: true for `y`. */
export async function confirm(cli: Cli, warning: string): Promise<boolean> {
  cli.streams.out.write(`${warning}\nAre you sure you want to continue? [y/N] `);
  let line = "";
  for await (const data of cli.streams.in.read()) {
    line += data.toString("utf8");
    if (line.includes("\n")) break;
  }
  return line.split("\n")[0]?.trim().toLowerCase() === "y";
}

/** The filters given, and those of the client's configuration that they do not contradict. */
export function pruneFilters(
  cli: Cli,
  given: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, readonly string[]>> {
  const filters: Record<string, readonly string[]> = { ...given };
  for (const text of cli.config.pruneFilters ?? []) {
    const equals = text.indexOf("=");
    if (equals === -1) continue;
    const [name, value] = [text.slice(0, equals), text.slice(equals + 1)];
    if ((given[name === "label" ? "label!" : "label"] ?? []).includes(value)) continue;
    filters[name] = [...(filters[name] ?? []), value];
  }
  return filters;
}
