import assert from "node:assert/strict";
import { spawn as nodeSpawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { signalProcess, startTimeOf, watchProcess } from "./processes.ts";
import { type SpawnOptions, spawn } from "./spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "escale-spawn-"));
after(() => rmSync(folder, { recursive: true }));

function shell(script: string, rest: Partial<SpawnOptions> = {}): SpawnOptions {
  return { file: "/bin/sh", argv: ["sh", "-c", script], env: {}, ...rest };
}

test("gives the exit code, or the signal", async () => {
  assert.deepEqual(await spawn(shell("exit 7")).exit, { code: 7, signal: undefined });
  assert.deepEqual(await spawn(shell("kill -9 $$")).exit, { code: undefined, signal: 9 });
  assert.deepEqual(await spawn(shell("exit 0")).exit, { code: 0, signal: undefined });
});

test("throws when the program is not there", () => {
  assert.throws(() => spawn({ file: "/no/such", argv: ["x"], env: {} }), { code: "ENOENT" });
});

test("passes environment, working folder and exactly the descriptors asked for", async () => {
  const first = openSync(join(folder, "first"), "w");
  const second = openSync(join(folder, "second"), "w");
  try {
    // The two swap numbers, so that neither may be overwritten before it is copied.
    const descriptors = { 1: first, 3: second, [first]: second, [second]: first };
    const script = "pwd; echo $A; ls -l /proc/$$/fd; true";
    const env = { A: "b c", PATH: "/usr/bin:/bin" };
    assert.deepEqual(await spawn(shell(script, { env, cwd: folder, descriptors })).exit, {
      code: 0,
      signal: undefined,
    });
  } finally {
    closeSync(first);
    closeSync(second);
  }
  const [cwd, a, ...open] = readFileSync(join(folder, "first"), "utf8").trim().split("\n");
  assert.equal(cwd, folder);
  assert.equal(a, "b c");
  assert.deepEqual(
    new Set(open.slice(1).map((line) => line.replace(/.* (\d+) -> /, "$1 "))),
    new Set([
      "0 /dev/null",
      `1 ${folder}/first`,
      "2 /dev/null",
      `3 ${folder}/second`,
      `${first} ${folder}/second`,
      `${second} ${folder}/first`,
    ]),
  );
});

test("default signal handlers and a session of its own", async () => {
  const out = openSync(join(folder, "status"), "w");
  const { pid, exit } = spawn(
    shell("grep SigIgn /proc/self/status; cut -d' ' -f6 /proc/$$/stat", {
      env: { PATH: "/usr/bin:/bin" },
      descriptors: { 1: out },
      newSession: true,
    }),
  );
  await exit;
  closeSync(out);
  const [ignored, session] = readFileSync(join(folder, "status"), "utf8").split("\n");
  // 32 and 33 belong to the C library's threads and are never at their default.
  assert.match(ignored ?? "", /SigIgn:\s+0+[01]80000000$|SigIgn:\s+0+$/);
  assert.equal(session, String(pid));
});

test("leaves Node's own children alone", async () => {
  const theirs = nodeSpawn("/bin/sh", ["-c", "sleep 0.05; exit 5"]);
  const ours = Array.from({ length: 8 }, (_, code) => spawn(shell(`exit ${code}`)));
  assert.deepEqual(
    (await Promise.all(ours.map(({ exit }) => exit))).map(({ code }) => code),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  assert.deepEqual(await once(theirs, "exit"), [5, null]);
});

test("a signal reaches only the process that was meant", async () => {
  const { pid, exit } = spawn(shell("exec sleep 60", { env: { PATH: "/usr/bin:/bin" } }));
  const startTime = startTimeOf(pid);
  assert.ok(startTime !== undefined);
  assert.equal(signalProcess(pid, "1", 9), false);
  assert.equal(startTimeOf(pid), startTime);
  const watch = watchProcess(pid, { keepsAlive: true });
  assert.equal(signalProcess(pid, startTime, 9), true);
  assert.deepEqual(await exit, { code: undefined, signal: 9 });
  await watch.ended;
  assert.equal(startTimeOf(pid), undefined);
  assert.equal(signalProcess(pid, startTime, 9), false);
});
