/** `--health-*`. */
import { invalid } from "../../../base/errors.ts";
import type { CreateValues } from "./create-flags.ts";

/** The health check of a request, in nanoseconds; undefined when no flag speaks of it. */
export function healthOf(flags: CreateValues): Record<string, unknown> | undefined {
  const spans = {
    Interval: flags.healthInterval,
    Timeout: flags.healthTimeout,
    StartPeriod: flags.healthStartPeriod,
    StartInterval: flags.healthStartInterval,
  };
  const hasSettings =
    flags.healthCmd !== "" || flags.healthRetries !== 0 || Object.values(spans).some((span) => span !== 0n);
  if (flags.noHealthcheck) {
    if (hasSettings) throw invalid("--no-healthcheck conflicts with --health-* options");
    return { Test: ["NONE"] };
  }
  if (!hasSettings) return undefined;
  const checks = [
    ["interval", flags.healthInterval < 0n],
    ["timeout", flags.healthTimeout < 0n],
    ["retries", flags.healthRetries < 0],
    ["start-period", flags.healthStartPeriod < 0n],
    ["start-interval", flags.healthStartInterval < 0n],
  ] as const;
  for (const [name, isNegative] of checks) {
    if (isNegative) throw invalid(`--health-${name} cannot be negative`);
  }
  const health: Record<string, unknown> = {};
  if (flags.healthCmd !== "") health.Test = ["CMD-SHELL", flags.healthCmd];
  for (const [name, span] of Object.entries(spans)) if (span !== 0n) health[name] = Number(span);
  if (flags.healthRetries !== 0) health.Retries = flags.healthRetries;
  return health;
}
