import assert from "node:assert/strict";
import { test } from "node:test";
import type { Health } from "../../wire/docker/containers.ts";
import { type HealthEvent, type HealthPlan, healthPlanOf, next, pauseBeforeCheck } from "./health.ts";

const plan: HealthPlan = {
  command: ["true"],
  interval: 30_000,
  timeout: 30_000,
  retries: 2,
  startPeriod: 1000,
  startInterval: 100,
};
const checked = (ExitCode: number, age = 5000): HealthEvent => ({
  type: "checked",
  entry: { Start: "", End: "", ExitCode, Output: "" },
  age,
  plan,
});
const began: HealthEvent = { type: "began" };
const stopped: HealthEvent = { type: "stopped" };

const courses: readonly (readonly [readonly HealthEvent[], Health["Status"], number])[] = [
  [[began], "starting", 0],
  [[began, checked(0)], "healthy", 0],
  [[began, checked(1)], "starting", 1],
  [[began, checked(1), checked(-1)], "unhealthy", 2],
  [[began, checked(1), checked(1), checked(0)], "healthy", 0],
  [[began, checked(0), checked(1)], "healthy", 1],
  [[began, checked(1, 10), checked(1, 500), checked(1, 999)], "starting", 0],
  [[began, checked(1, 10), checked(1, 1000), checked(1, 1100)], "unhealthy", 2],
  [[began, checked(0, 10), checked(1, 20), checked(1, 30)], "unhealthy", 2],
  [[began, checked(0), stopped], "unhealthy", 0],
  [[began, checked(0), stopped, began], "starting", 0],
];

for (const [events, status, streak] of courses) {
  const name = events.map((each) => (each.type === "checked" ? `${each.entry.ExitCode}@${each.age}` : each.type));
  test(`${name.join(" ")} is ${status}`, () => {
    let health: Health | undefined;
    for (const event of events) health = next(health, event);
    assert.deepEqual([health?.Status, health?.FailingStreak], [status, streak]);
  });
}

test("the last five results are kept", () => {
  let health = next(undefined, began);
  for (const code of [1, 2, 3, 4, 5, 6, 7]) health = next(health, checked(code));
  assert.deepEqual(
    health.Log.map((entry) => entry.ExitCode),
    [3, 4, 5, 6, 7],
  );
});

test("a plan has Docker's defaults, and its shell for CMD-SHELL", () => {
  assert.deepEqual(healthPlanOf({ Healthcheck: { Test: ["CMD-SHELL", "a b"] } }), {
    command: ["/bin/sh", "-c", "a b"],
    interval: 30_000,
    timeout: 30_000,
    retries: 3,
    startPeriod: 0,
    startInterval: 5000,
  });
  const own = healthPlanOf({ Healthcheck: { Test: ["CMD-SHELL", "a"], Interval: 1e9 }, Shell: ["/bin/bash", "-c"] });
  assert.deepEqual([own?.command, own?.interval], [["/bin/bash", "-c", "a"], 1000]);
  assert.deepEqual(healthPlanOf({ Healthcheck: { Test: ["CMD", "a", "b"] } })?.command, ["a", "b"]);
});

test("no test, NONE, an unknown kind and no command are no health check", () => {
  for (const Test of [[], ["NONE"], ["FOO", "a"], ["CMD"]])
    assert.equal(healthPlanOf({ Healthcheck: { Test } }), undefined);
  assert.equal(healthPlanOf({}), undefined);
});

test("the start interval holds during the start period, until the first success", () => {
  assert.equal(pauseBeforeCheck(plan, "starting", 10), 100);
  assert.equal(pauseBeforeCheck(plan, "healthy", 10), 30_000);
  assert.equal(pauseBeforeCheck(plan, "starting", 1000), 30_000);
});
