import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Serial } from "./serial.ts";

test("tasks of one key run in turn, even after a failure; other keys do not wait", async () => {
  const serial = new Serial();
  const order: string[] = [];
  const slow = serial.run("a", async () => {
    await sleep(20);
    order.push("slow");
    throw new Error("fails");
  });
  const after = serial.run("a", async () => order.push("after"));
  const other = serial.run("b", async () => order.push("other"));
  await assert.rejects(slow, /fails/);
  await Promise.all([after, other]);
  assert.deepEqual(order, ["other", "slow", "after"]);
  await serial.idle();
});
