import assert from "node:assert/strict";
import { test } from "node:test";
import type { Health } from "../../wire/docker/containers.ts";
import { type HealthPlan, next } from "./health.ts";
import { followHealth } from "./health-loop.ts";

const plan: HealthPlan = {
  command: ["true"],
  interval: 1000,
  timeout: 1000,
  retries: 2,
  startPeriod: 250,
  startInterval: 100,
};

test("the loop checks at the start interval, then at the interval, until it is stopped", async () => {
  let now = 0n;
  let health: Health = next(undefined, { type: "began" });
  const stop = new AbortController();
  const starts: number[] = [];
  const seen: string[] = [];
  const codes = [1, 1, 1, 1, 0];
  await followHealth(
    {
      plan,
      startedAt: 0n,
      clock: {
        now: () => now,
        sleep: async (milliseconds) => {
          now += BigInt(milliseconds) * 1_000_000n;
        },
      },
      check: async () => {
        starts.push(Number(now / 1_000_000n));
        const exitCode = codes.shift();
        if (exitCode === undefined) stop.abort();
        return { exitCode: exitCode ?? 0, output: "" };
      },
      read: () => health,
      write: (changed) => {
        health = changed;
        seen.push(`${changed.Status} ${changed.FailingStreak}`);
      },
    },
    stop.signal,
  );
  assert.deepEqual(starts, [100, 200, 300, 1300, 2300, 3300]);
  assert.deepEqual(seen, ["starting 0", "starting 0", "starting 1", "unhealthy 2", "healthy 0"]);
});
