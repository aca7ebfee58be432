import { type Flag, stringFlag } from "../flags/flag.ts";

/** The flag `--format` of everything that shows a list. */
export const listFormatFlag: Flag<string> = stringFlag(
  [
    "Format output using a custom template:",
    "'table':            Print output in table format with column headers (default)",
    "'table TEMPLATE':   Print output in table format using the given Go template",
    "'json':             Print in JSON format",
    "'TEMPLATE':         Print output using the given Go template.",
  ].join("\n"),
);
