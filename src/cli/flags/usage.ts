/** The list of flags in a help page. */
import type { Flags } from "./flag.ts";
import { longName } from "./parse.ts";

/** How far a line may go over when that spares a short last line. */
const slop = 5;
/** A column narrower than this is not worth wrapping in. */
const narrowest = 24;

/** Splits text at the last blank or newline before `width`; text that is only a little longer stays whole. */
function cut(text: string, width: number): [string, string] {
  if (width + slop > text.length) return [text, ""];
  const window = text.slice(0, width);
  const blank = Math.max(window.lastIndexOf(" "), window.lastIndexOf("\t"), window.lastIndexOf("\n"));
  if (blank <= 0) return [text, ""];
  const newline = window.lastIndexOf("\n");
  const at = newline > 0 && newline < blank ? newline : blank;
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Wraps text to lines that end before `columns`, each after the first indented by `indent`. */
function wrap(text: string, indent: number, columns: number): string {
  let column = indent;
  let result = "";
  if (columns - column < narrowest) {
    column = 16;
    result = `\n${" ".repeat(column)}`;
  }
  if (columns - column < narrowest) return text.replaceAll("\n", result);
  const newline = `\n${" ".repeat(column)}`;
  const width = columns - column - slop;
  let [line, rest] = cut(text, width);
  result += line.replaceAll("\n", newline);
  while (rest !== "") {
    [line, rest] = cut(rest, width);
    result += newline + line.replaceAll("\n", newline);
  }
  return result;
}

/** The flags that help shows, one below the other in the order of their names, wrapped to `columns`. */
export function flagUsages(flags: Flags, columns: number): string {
  const rows: [string, string][] = [];
  const named = Object.entries(flags).map(([key, flag]) => ({ name: longName(key), flag }));
  named.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, flag } of named) {
    if (flag.isHidden || flag.deprecation !== undefined) continue;
    const short = flag.short === undefined ? "      " : `  -${flag.short}, `;
    const type = flag.type === "" ? "" : ` ${flag.type}`;
    const shown = flag.shownDefault === undefined ? "" : ` (default ${flag.shownDefault})`;
    rows.push([`${short}--${name}${type}`, flag.usage + shown]);
  }
  const widest = Math.max(0, ...rows.map(([left]) => left.length + 1));
  return rows.map(([left, right]) => `${left.padEnd(widest)}  ${wrap(right, widest + 2, columns)}\n`).join("");
}
