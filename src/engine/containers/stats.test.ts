import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInterfaces, parseProcStat } from "./stats.ts";
import { limitsOf } from "./update.ts";

test("the machine's time is the sum of seven fields, guests not counted twice", () => {
  const text = "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n";
  assert.deepEqual(parseProcStat(text), { usage: 280_000_000, cpus: 1 });
});

test("interfaces without the loopback one", () => {
  const text = " face |bytes\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0\n  eth0: 90 2 3 4 0 0 0 0 42 5 6 7 0 0 0 0\n";
  assert.deepEqual(parseInterfaces(text), {
    eth0: {
      rx_bytes: 90,
      rx_packets: 2,
      rx_errors: 3,
      rx_dropped: 4,
      tx_bytes: 42,
      tx_packets: 5,
      tx_errors: 6,
      tx_dropped: 7,
    },
  });
});

test("processors become a quota; no limit of processes is -1", () => {
  assert.deepEqual(limitsOf({ NanoCpus: 500_000_000, PidsLimit: 0 }), {
    cpuPeriod: 100_000,
    cpuQuota: 50_000,
    pids: -1,
  });
});
