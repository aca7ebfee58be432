import assert from "node:assert/strict";
import { test } from "node:test";
import type { RestartPolicy } from "../../wire/docker/containers.ts";
import { shouldRestart, startsWithDaemon } from "./exited.ts";
import { type ContainerRecord, createdState } from "./record.ts";

interface Case {
  readonly policy: string;
  readonly exitCode: number;
  readonly restartCount?: number;
  readonly stopped?: boolean;
  /** Whether it is restarted when it ends, and whether the daemon starts it when it starts itself. */
  readonly expected: readonly [boolean, boolean];
}

function recordOf({ policy, exitCode, restartCount = 0, stopped = false }: Case): ContainerRecord {
  const [Name, count = "0"] = policy.split(":");
  const RestartPolicy = { Name, MaximumRetryCount: Number(count) } as RestartPolicy;
  const state = { ...createdState, status: "exited", exitCode } as const;
  return { hostConfig: { RestartPolicy }, restartCount, wasStoppedByUser: stopped, state } as ContainerRecord;
}

// What dockerd 28.5 does.
const cases: readonly Case[] = [
  { policy: "no", exitCode: 1, expected: [false, false] },
  { policy: "always", exitCode: 0, expected: [true, true] },
  { policy: "always", exitCode: 137, stopped: true, expected: [false, true] },
  { policy: "unless-stopped", exitCode: 0, expected: [true, true] },
  { policy: "unless-stopped", exitCode: 137, stopped: true, expected: [false, false] },
  { policy: "on-failure", exitCode: 0, expected: [false, false] },
  { policy: "on-failure", exitCode: 3, restartCount: 99, expected: [true, true] },
  { policy: "on-failure", exitCode: 137, stopped: true, expected: [false, true] },
  { policy: "on-failure:2", exitCode: 3, restartCount: 1, expected: [true, true] },
  { policy: "on-failure:2", exitCode: 3, restartCount: 2, expected: [false, false] },
];

for (const each of cases) {
  const { policy, exitCode, restartCount = 0, stopped = false, expected } = each;
  test(`${policy}, exit ${exitCode}, ${restartCount} restarts${stopped ? ", stopped" : ""}: ${expected.join(" ")}`, () => {
    const record = recordOf(each);
    assert.deepEqual([shouldRestart(record, exitCode), startsWithDaemon(record)], expected);
  });
}
