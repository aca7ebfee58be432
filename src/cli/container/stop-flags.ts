/** The flags of `stop` and `restart`. */
import { conflict } from "../../base/errors.ts";
import type { StopOptions } from "../../client/index.ts";
import { type Flag, type FlagValues, intFlag, stringFlag } from "../flags/flag.ts";

/** The flags by name. `--time` is the old name of `--timeout`. */
export const stopFlags: {
  readonly signal: Flag<string>;
  readonly time: Flag<number>;
  readonly timeout: Flag<number>;
} = {
  signal: stringFlag("Signal to send to the container", { short: "s" }),
  time: intFlag("Seconds to wait before killing the container (deprecated: use --timeout)", {
    deprecation: "use --timeout instead",
  }),
  timeout: intFlag("Seconds to wait before killing the container", { short: "t" }),
};

/** What the flags ask of the daemon. */
export function stopOptions(flags: FlagValues<typeof stopFlags>, given: ReadonlySet<string>): StopOptions {
  if (given.has("time") && given.has("timeout")) {
    throw conflict("conflicting options: cannot specify both --timeout and --time");
  }
  const timeout = given.has("timeout") ? flags.timeout : given.has("time") ? flags.time : undefined;
  return { timeout, signal: flags.signal };
}
