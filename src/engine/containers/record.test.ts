import assert from "node:assert/strict";
import { test } from "node:test";
import { zeroTime } from "../../base/clock.ts";
import { createdState, isRunning, next, type RecordedState, toApiState } from "./record.ts";

const process = { pid: 42, monitorPid: 41, startTime: "7" };
const at = "2026-01-02T03:04:05.6Z";
const running = next(createdState, { type: "started", process, at, isChecked: false });
const exited = (exitCode: number, willRestart = false): RecordedState =>
  next(running, { type: "exited", exitCode, oomKilled: false, at, willRestart });

test("a container goes from created to running to exited", () => {
  assert.equal(running.status, "running");
  assert.equal(running.startedAt, at);
  assert.equal(running.finishedAt, zeroTime);
  const end = exited(3);
  assert.deepEqual([end.status, end.exitCode, end.finishedAt, end.process], ["exited", 3, at, null]);
});

test("a start clears what the last run left", () => {
  const oom = next(running, { type: "exited", exitCode: 137, oomKilled: true, at, willRestart: false });
  assert.equal(oom.oomKilled, true);
  const again = next(oom, { type: "started", process, at, isChecked: false });
  assert.deepEqual([again.oomKilled, again.exitCode, again.error], [false, 0, ""]);
});

test("a start that fails leaves a new container created and an old one exited", () => {
  const fails = { type: "start-failed", exitCode: 127, error: "no such file" } as const;
  assert.deepEqual([next(createdState, fails).status, next(createdState, fails).exitCode], ["created", 127]);
  assert.equal(next(exited(0), fails).status, "exited");
});

test("only a running container pauses, and only a paused one goes on", () => {
  const paused = next(running, { type: "paused" });
  assert.equal(paused.status, "paused");
  assert.equal(isRunning(paused), true);
  assert.equal(next(paused, { type: "unpaused" }).status, "running");
  assert.equal(next(createdState, { type: "paused" }).status, "created");
});

test("the API calls paused and restarting containers running too", () => {
  assert.deepEqual(toApiState(next(running, { type: "paused" })).Running, true);
  const restarting = toApiState(exited(1, true));
  assert.deepEqual([restarting.Running, restarting.Restarting, restarting.Pid], [true, true, 0]);
});
