import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerStats } from "../../wire/docker/stats.ts";
import { cpuPercent, memoryInUse } from "./stats-row.ts";

const throttling = { periods: 0, throttled_periods: 0, throttled_time: 0 };
const cpu = (used: number, machine: number): ContainerStats["cpu_stats"] => ({
  cpu_usage: { total_usage: used, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  system_cpu_usage: machine,
  online_cpus: 4,
  throttling_data: throttling,
});
const stats = (memory: ContainerStats["memory_stats"]): ContainerStats => ({
  read: "",
  preread: "",
  pids_stats: {},
  blkio_stats: {},
  num_procs: 0,
  storage_stats: {},
  cpu_stats: cpu(300, 2000),
  precpu_stats: cpu(100, 1000),
  memory_stats: memory,
});

test("the processor's percentage is of one processor", () => {
  assert.equal(cpuPercent(stats({})), 80);
});

test("memory in use leaves out what the kernel would give up", () => {
  assert.equal(memoryInUse(stats({ usage: 100, stats: { total_inactive_file: 30, inactive_file: 1 } })), 70);
  assert.equal(memoryInUse(stats({ usage: 100, stats: { inactive_file: 40 } })), 60);
  assert.equal(memoryInUse(stats({ usage: 100, stats: { inactive_file: 400 } })), 100);
});
