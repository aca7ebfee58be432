import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { weightOfShares, writeCgroupLimits } from "./limits.ts";
import { parseDeviceLines, parseFlatKeys, parseIoStat, readCgroupStats } from "./stats.ts";

test("counters keep all digits", () => {
  const keys = parseFlatKeys("cache 12\nhierarchical_memory_limit 9223372036854771712\n");
  assert.deepEqual([...keys.values()], [12, 9223372036854771712n]);
});

test("device lines of both versions", () => {
  assert.deepEqual(parseDeviceLines("8:0 Read 5\n8:0 Total 5\nTotal 5\n").slice(0, 1), [
    { major: 8, minor: 0, operation: "Read", value: 5 },
  ]);
  assert.deepEqual(parseIoStat("259:1 rbytes=7 wbytes=8 rios=1 wios=2 dbytes=0 dios=0\n"), [
    { major: 259, minor: 1, operation: "read", value: 7 },
    { major: 259, minor: 1, operation: "write", value: 8 },
  ]);
});

test("v2: a group is read and its limits written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "escale-cgroup-"));
  try {
    const files = {
      "cpu.stat": "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 1\nnr_throttled 1\nthrottled_usec 9\n",
      "cpu.max": "max 100000\n",
      "memory.current": "4096\n",
      "memory.max": "max\n",
      "memory.swap.max": "max\n",
      "memory.stat": "anon 1\n",
      "memory.events": "low 0\noom 2\n",
      "pids.current": "3\n",
      "pids.max": "max\n",
      "io.stat": "",
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const layout = { version: 2, hierarchies: [{ mountPoint: folder, controllers: [] }] } as const;
    const stats = await readCgroupStats(layout, "/");
    assert.deepEqual([stats.cpu.usage, stats.cpu.throttledTime], [5000, 9000]);
    assert.deepEqual([stats.memory.limit, stats.memory.failures, stats.pids.limit], [undefined, 2, undefined]);
    await writeCgroupLimits(layout, "/", { memory: 100, memorySwap: 150, cpuQuota: 5000, pids: 7 });
    const { readFile } = await import("node:fs/promises");
    const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
    // The kernel replaces the whole value; a plain file keeps its tail.
    assert.ok((await read("cpu.max")).startsWith("5000 100000"));
    assert.ok((await read("memory.swap.max")).startsWith("50"));
    await assert.rejects(
      writeCgroupLimits(layout, "/", { cpusetCpus: "0" }),
      /failed to write "0": write .*cpuset\.cpus/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("shares become a weight", () => {
  assert.deepEqual([2, 1024, 262_144].map(weightOfShares), [1, 39, 10_000]);
});
