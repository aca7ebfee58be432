import assert from "node:assert/strict";
import { test } from "node:test";
import { boolFlag, intFlag, listFlag, stringFlag } from "./flag.ts";
import { flagUsages } from "./usage.ts";

test("flags are listed by name, aligned and wrapped", () => {
  const text = flagUsages(
    {
      tail: stringFlag("Number of lines to show from the end of the logs, which may be many", {
        short: "n",
        initial: "all",
      }),
      all: boolFlag("Show all", { short: "a" }),
      last: intFlag("Show last", { initial: -1 }),
      env: listFlag("First line\nSecond line"),
      secret: boolFlag("Hidden", { isHidden: true }),
      old: boolFlag("Old", { deprecation: "gone" }),
    },
    60,
  );
  assert.equal(
    text,
    [
      "  -a, --all           Show all",
      "      --env list      First line",
      "                      Second line",
      "      --last int      Show last (default -1)",
      "  -n, --tail string   Number of lines to show from the",
      "                      end of the logs, which may be",
      '                      many (default "all")',
      "",
    ].join("\n"),
  );
});
