/** The loop that checks one running container's health, again and again until it is told to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import { nowNanos, rfc3339Nano } from "../../base/clock.ts";
import type { Health } from "../../wire/docker/containers.ts";
import { type HealthPlan, next, pauseBeforeCheck } from "./health.ts";

/** Where the loop takes time from. */
export interface HealthClock {
  /** Nanoseconds since 1970. */
  now(): bigint;
  /** Resolves after `milliseconds`, or as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The machine's clock; waiting does not keep the process alive. */
export const systemClock: HealthClock = {
  now: nowNanos,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined),
};

/** How one check ended. */
export interface CheckResult {
  /** -1 when it took too long or could not be run. */
  readonly exitCode: number;
  readonly output: string;
}

/** What the loop follows, and how. */
export interface HealthLoop {
  readonly plan: HealthPlan;
  /** When the container started, in nanoseconds since 1970. */
  readonly startedAt: bigint;
  readonly clock: HealthClock;
  /** Runs one check; never rejects. An abort ends it, and its result is not used. */
  readonly check: (signal: AbortSignal) => Promise<CheckResult>;
  /** The present health. */
  readonly read: () => Health | undefined;
  /** Takes the health after a check. */
  readonly write: (health: Health) => void;
}

/** Checks until `signal` is aborted; the first time after one interval. */
export async function followHealth(loop: HealthLoop, signal: AbortSignal): Promise<void> {
  const { plan, clock } = loop;
  const ageAt = (now: bigint): number => Number(now - loop.startedAt) / 1e6;
  while (!signal.aborted) {
    const status = loop.read()?.Status ?? "starting";
    await clock.sleep(pauseBeforeCheck(plan, status, ageAt(clock.now())), signal);
    if (signal.aborted) return;
    const began = clock.now();
    const { exitCode, output } = await loop.check(signal);
    if (signal.aborted) return;
    const entry = {
      Start: rfc3339Nano(began),
      End: rfc3339Nano(clock.now()),
      ExitCode: exitCode,
      Output: output,
    };
    loop.write(next(loop.read(), { type: "checked", entry, age: ageAt(began), plan }));
  }
}
