/** How healthy a container is: what its configuration asks for, and the pure rule by which results move the state. */
import type { ContainerConfig, Health, HealthLogEntry } from "../../wire/docker/containers.ts";

/** A health check with every default filled in. Spans of time are milliseconds. */
export interface HealthPlan {
  /** The command as it is run. */
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  /** How many failures in a row make a container unhealthy. */
  readonly retries: number;
  /** For so long after the start of a container that was never healthy, failures do not count. */
  readonly startPeriod: number;
  /** The interval during the start period. */
  readonly startInterval: number;
}

/** What can happen to a container's health. */
export type HealthEvent =
  | { readonly type: "began" }
  /** `age`: milliseconds from the container's start to the check's. */
  | { readonly type: "checked"; readonly entry: HealthLogEntry; readonly age: number; readonly plan: HealthPlan }
  | { readonly type: "stopped" };

const shell = ["/bin/sh", "-c"];
/** As many results are kept. */
const longestLog = 5;
/** The longest span that a timer of Node's can take. */
const longestSpan = 2 ** 31 - 1;

/** What a container's configuration asks for; undefined without a check, also where it says `NONE`. */
export function healthPlanOf(config: Pick<ContainerConfig, "Healthcheck" | "Shell">): HealthPlan | undefined {
  const { Test = [], ...asked } = config.Healthcheck ?? {};
  const [kind, ...words] = Test;
  if ((kind !== "CMD" && kind !== "CMD-SHELL") || words.length === 0) return undefined;
  const span = (nanoseconds: number | undefined, byDefault: number): number =>
    nanoseconds ? Math.min(nanoseconds / 1e6, longestSpan) : byDefault;
  const ownShell = config.Shell ?? [];
  return {
    command: kind === "CMD" ? words : [...(ownShell.length > 0 ? ownShell : shell), ...words],
    interval: span(asked.Interval, 30_000),
    timeout: span(asked.Timeout, 30_000),
    retries: asked.Retries || 3,
    startPeriod: span(asked.StartPeriod, 0),
    startInterval: span(asked.StartInterval, 5_000),
  };
}

/** How long the next check waits, `age` milliseconds after the container's start. */
export function pauseBeforeCheck(plan: HealthPlan, status: Health["Status"], age: number): number {
  return age < plan.startPeriod && status === "starting" ? plan.startInterval : plan.interval;
}

/** The health after `event`; undefined before the first start. */
export function next(health: Health | undefined, event: HealthEvent): Health {
  const before: Health = health ?? { Status: "starting", FailingStreak: 0, Log: [] };
  switch (event.type) {
    case "began":
      return { Status: "starting", FailingStreak: 0, Log: before.Log };
    case "stopped":
      // Nobody looks any more; Docker then calls it so.
      return { ...before, Status: "unhealthy" };
    case "checked": {
      const Log = [...before.Log, event.entry].slice(-longestLog);
      if (event.entry.ExitCode === 0) return { Status: "healthy", FailingStreak: 0, Log };
      if (before.Status === "starting" && event.age < event.plan.startPeriod) return { ...before, Log };
      const FailingStreak = before.FailingStreak + 1;
      return { Status: FailingStreak >= event.plan.retries ? "unhealthy" : before.Status, FailingStreak, Log };
    }
  }
}
