import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { EscaleError } from "../../base/errors.ts";
import { isKind } from "../../base/errors.ts";
import { startTimeOf } from "../processes.ts";
import type { Attachment } from "./runtime.ts";
import { openRuntimeFixture, type RuntimeFixture } from "./runtime-fixture.ts";

let fixture: RuntimeFixture;
before(async () => {
  fixture = await openRuntimeFixture();
});
after(() => fixture[Symbol.asyncDispose]());

/** Collects an attachment's packets per stream until it ends. */
function outputOf({ socket }: Attachment): Promise<{ stdout: string; stderr: string }> {
  const streams: Record<number, Buffer[]> = { 2: [], 3: [] };
  socket.on("data", (packet: Buffer) => streams[packet[0] ?? 0]?.push(packet.subarray(1)));
  return new Promise((resolve) => {
    socket.once("close", () =>
      resolve({
        stdout: Buffer.concat(streams[2] ?? []).toString(),
        stderr: Buffer.concat(streams[3] ?? []).toString(),
      }),
    );
    socket.once("end", () => socket.destroy());
  });
}

function text(logPath: string): string {
  return readFileSync(logPath, "utf8").replace(/^\S+ (\w+ [FP]) /gm, "$1 ");
}

test("a container's whole life leaves nothing", async () => {
  const { runtime } = fixture;
  const { bundle, logPath, process } = await fixture.create("life", {
    args: ["sh", "-c", "echo out; echo err >&2; exit 3"],
  });
  assert.equal(await runtime.findExit("life"), undefined);
  assert.ok(runtime.isAlive(process));
  assert.deepEqual(await runtime.list(), ["life"]);
  assert.deepEqual(await runtime.pids("life"), [process.pid]);
  const started = Date.now();
  await runtime.start("life", bundle);
  const exit = await fixture.exitOf("life");
  assert.equal(exit.exitCode, 3);
  assert.equal(exit.oomKilled, false);
  assert.ok(Math.abs(exit.at - started) < 5000);
  assert.deepEqual(await runtime.findExit("life"), exit);
  assert.deepEqual(new Set(text(logPath).trim().split("\n")), new Set(["stdout F out", "stderr F err"]));
  await runtime.delete("life");
  await runtime.delete("life");
  assert.equal(runtime.isAlive(process), false);
  assert.deepEqual(await runtime.list(), []);
  assert.deepEqual(await runtime.pids("life"), []);
  assert.deepEqual(readdirSync(join(fixture.folder, "exec/exits")), []);
  assert.equal(await runtime.findExit("life"), undefined);
});

test("the same bundle runs again", async () => {
  for (const code of [1, 2]) {
    const { bundle } = await fixture.create("again", { args: ["sh", "-c", `exit ${code}`] });
    await fixture.runtime.start("again", bundle);
    assert.equal((await fixture.exitOf("again")).exitCode, code);
    await fixture.runtime.delete("again");
  }
});

const create =
  "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ";
const confusion =
  ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type";

for (const [args, exitCode, reason] of [
  [["nosuch"], 127, 'exec: "nosuch": executable file not found in $PATH'],
  [["/nosuch"], 127, 'exec: "/nosuch": stat /nosuch: no such file or directory'],
  [["./no such"], 127, 'exec: "./no such": stat ./no such: no such file or directory'],
  [['no"quote'], 127, 'exec: "no\\"quote": executable file not found in $PATH'],
  [[""], 127, 'exec: "": executable file not found in $PATH'],
  [["plain"], 127, 'exec: "plain": executable file not found in $PATH'],
  [["/bin/plain"], 126, 'exec: "/bin/plain": permission denied'],
  [["folder"], 127, 'exec: "folder": executable file not found in $PATH'],
  [["/bin/folder"], 126, 'exec: "/bin/folder": permission denied'],
  [["/etc/passwd/x"], 127, `exec: "/etc/passwd/x": stat /etc/passwd/x: not a directory${confusion}`],
] as const) {
  test(`cannot run ${JSON.stringify(args)}: Docker's words, and nothing is left`, async () => {
    await assert.rejects(fixture.create("bad", { args }), (error: EscaleError) => {
      assert.equal(error.message, `${create}unable to start container process: ${reason}`);
      assert.equal(error.kind, "invalid");
      assert.deepEqual(error.details, { exitCode });
      return true;
    });
    assert.deepEqual(await fixture.runtime.list(), []);
    assert.deepEqual(readdirSync(join(fixture.folder, "bundles/bad")).sort(), ["config.json", "container.log"]);
  });
}

for (const [name, changes, kind, message] of [
  [
    "a working folder that is a file",
    { args: ["true"], process: { cwd: "/bin/busybox" } },
    "invalid",
    `unable to start container process: chdir to cwd ("/bin/busybox") set in config.json failed: not a directory${confusion}`,
  ],
  [
    "an unknown sysctl",
    { args: ["true"], linux: { sysctl: { "net.nosuch": "1" } } },
    "invalid",
    "unable to start container process: error during container init: open /proc/sys/net/nosuch: no such file or directory",
  ],
  [
    "a sysctl of the whole machine",
    { args: ["true"], linux: { sysctl: { "vm.swappiness": "1" } } },
    "internal",
    'sysctl "vm.swappiness" is not in a separate kernel namespace',
  ],
  [
    "an unknown limit",
    { args: ["true"], process: { rlimits: [{ type: "RLIMIT_NOSUCH", soft: 1, hard: 1 }] } },
    "internal",
    "wrong rlimit value: RLIMIT_NOSUCH",
  ],
  [
    "a file mounted on a folder",
    { args: ["true"], mounts: [{ destination: "/bin", type: "bind", source: "/etc/passwd", options: ["bind"] }] },
    "invalid",
    `unable to start container process: error during container init: error mounting "/etc/passwd" to rootfs at "/bin": mount /etc/passwd:/bin: not a directory${confusion}`,
  ],
] as const) {
  test(`cannot create with ${name}`, async () => {
    await assert.rejects(fixture.create("bad", changes), (error: EscaleError) => {
      assert.equal(error.message, create + message);
      assert.equal(error.kind, kind);
      return true;
    });
    assert.deepEqual(await fixture.runtime.list(), []);
  });
}

test("attach sees the first byte, passes input whole and its end", async () => {
  const { bundle } = await fixture.create("cat", { args: ["sh", "-c", "echo first; exec cat"] }, { openStdin: true });
  const attachment = await fixture.runtime.attach("cat", bundle);
  const output = outputOf(attachment);
  await fixture.runtime.start("cat", bundle);
  // More than a packet and more than a pipe holds, in one write and in many at once.
  const large = "0123456789abcde\n".repeat(40_000);
  attachment.socket.write(large);
  for (let i = 0; i < 1000; i++) attachment.socket.write("x".repeat(100));
  attachment.socket.end("end");
  const { stdout } = await output;
  assert.equal(stdout, `first\n${large}${"x".repeat(100_000)}end`);
  assert.equal((await fixture.exitOf("cat")).exitCode, 0);
  await fixture.runtime.delete("cat");
});

test("a client that does not read holds the container back, and loses nothing", async () => {
  const { bundle, process } = await fixture.create(
    "flood",
    { args: ["sh", "-c", "dd if=/dev/zero bs=1M count=16 2>/dev/null; echo done >&2"] },
    { logPath: null },
  );
  const { socket } = await fixture.runtime.attach("flood", bundle);
  let bytes = 0;
  let errors = "";
  socket.on("data", (packet: Buffer) => {
    if (packet[0] === 2) bytes += packet.length - 1;
    else errors += packet.subarray(1).toString();
  });
  socket.pause();
  await fixture.runtime.start("flood", bundle);
  await sleep(150);
  assert.ok(fixture.runtime.isAlive(process));
  socket.resume();
  await once(socket, "end");
  assert.equal(bytes, 16 * 1024 * 1024);
  assert.equal(errors, "done\n");
  await fixture.exitOf("flood");
  await fixture.runtime.delete("flood");
});

test("a terminal has the size asked for and takes another", async () => {
  const script = "stty size; read x; stty size";
  const { bundle } = await fixture.create(
    "tty",
    { args: ["sh", "-c", script], process: { terminal: true } },
    { tty: true, openStdin: true, size: { width: 91, height: 27 } },
  );
  const attachment = await fixture.runtime.attach("tty", bundle);
  const output = outputOf(attachment);
  await fixture.runtime.start("tty", bundle);
  await once(attachment.socket, "data");
  await fixture.runtime.resize(bundle, { width: 120, height: 40 });
  await sleep(50);
  attachment.socket.write("\n");
  assert.deepEqual((await output).stdout.replaceAll("\r", "").split("\n").filter(Boolean), ["27 91", "40 120"]);
  await fixture.exitOf("tty");
  await fixture.runtime.delete("tty");
  // conmon writes the exit code before it ends itself.
  const refusal = async (): Promise<unknown> => {
    for (let tries = 0; tries < 200; tries++) {
      try {
        await fixture.runtime.resize(bundle, { width: 1, height: 1 });
      } catch (error) {
        return error;
      }
      await sleep(10);
    }
    return undefined;
  };
  assert.ok(isKind(await refusal(), "conflict"));
});

test("signals, pause and resume", async () => {
  const { runtime } = fixture;
  const { bundle, process, logPath } = await fixture.create("signals", {
    args: ["sh", "-c", "trap 'echo term; exit 9' TERM; echo ready; while :; do sleep 0.01; done"],
  });
  await runtime.start("signals", bundle);
  while (!text(logPath).includes("ready")) await sleep(5);
  await runtime.pause("signals");
  runtime.kill(process, 15);
  await sleep(50);
  assert.ok(!text(logPath).includes("term"));
  assert.ok(runtime.isAlive(process));
  await runtime.resume("signals");
  assert.equal((await fixture.exitOf("signals")).exitCode, 9);
  assert.ok(text(logPath).includes("term"));
  assert.throws(() => runtime.kill(process, 15), { kind: "conflict" });
  await runtime.delete("signals");
});

test("killAll ends every process of a container that shares the host's process numbers", async () => {
  const { runtime } = fixture;
  const namespaces = ["mount", "network", "uts", "ipc"].map((type) => ({ type }));
  const { bundle, logPath, process } = await fixture.create("hostpid", {
    args: ["sh", "-c", "sleep 60 & sleep 60 & echo ready; wait"],
    namespaces,
  });
  await runtime.start("hostpid", bundle);
  while (!text(logPath).includes("ready")) await sleep(5);
  const pids = await runtime.pids("hostpid");
  assert.equal(pids.length, 3);
  runtime.kill(process, 9);
  assert.equal((await fixture.exitOf("hostpid")).exitCode, 137);
  assert.equal((await runtime.pids("hostpid")).length, 2);
  await runtime.killAll("hostpid");
  assert.deepEqual(await runtime.pids("hostpid"), []);
  for (const pid of pids) assert.equal(startTimeOf(pid), undefined);
  await runtime.delete("hostpid");
});

test("delete takes away a container that was never started", async () => {
  const { process } = await fixture.create("created", { args: ["sleep", "60"] });
  await fixture.runtime.delete("created");
  assert.equal(fixture.runtime.isAlive(process), false);
  assert.deepEqual(await fixture.runtime.list(), []);
});

test("a second container with an id in use is refused and harms nothing", async () => {
  const { process } = await fixture.create("taken", { args: ["sleep", "60"] });
  await assert.rejects(fixture.create("taken", { args: ["true"] }), { kind: "conflict" });
  assert.ok(fixture.runtime.isAlive(process));
  await fixture.runtime.delete("taken");
});

test("a new log file after a rotation, with no line lost", async () => {
  const { bundle, logPath } = await fixture.create("rotate", {
    args: ["sh", "-c", "i=0; while [ $i -lt 400 ]; do echo $i; i=$((i+1)); done; sleep 0.2; echo last"],
  });
  await fixture.runtime.start("rotate", bundle);
  renameSync(logPath, `${logPath}.1`);
  await fixture.runtime.reopenLog(bundle);
  await fixture.runtime.reopenLog(bundle);
  await fixture.exitOf("rotate");
  const lines = (text(`${logPath}.1`) + text(logPath)).trim().split("\n");
  assert.deepEqual(lines, [...Array.from({ length: 400 }, (_, i) => `stdout F ${i}`), "stdout F last"]);
  await fixture.runtime.delete("rotate");
});

test("a killed monitor: the container goes on, and its end is told", async () => {
  const { bundle, process } = await fixture.create("orphan", { args: ["sleep", "0.3"] }, { logPath: null });
  await fixture.runtime.start("orphan", bundle);
  globalThis.process.kill(process.monitorPid, 9);
  await sleep(50);
  assert.ok(fixture.runtime.isAlive(process));
  assert.equal((await fixture.exitOf("orphan")).exitCode, 137);
  assert.equal((await fixture.runtime.findExit("orphan"))?.exitCode, 137);
  await fixture.runtime.delete("orphan");
});

test("compiled seccomp rules are used for the next container with the same rules", async () => {
  const seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
    syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95 }],
  };
  for (const id of ["rules1", "rules2"]) {
    const { bundle, logPath } = await fixture.create(id, {
      args: ["sh", "-c", "grep Seccomp: /proc/self/status; mkdir /tmp/x"],
      linux: { seccomp },
    });
    const isCompiled = readFileSync(join(bundle, "config.json"), "utf8").includes("seccomp_bpf_data");
    assert.equal(isCompiled, id === "rules2");
    await fixture.runtime.start(id, bundle);
    assert.equal((await fixture.exitOf(id)).exitCode, 1);
    assert.match(text(logPath), /Seccomp:\t2.*not supported/is);
    await fixture.runtime.delete(id);
  }
});

test("exec: output, input, exit code", async () => {
  const { runtime } = fixture;
  const { bundle } = await fixture.create("host", { args: ["sleep", "60"] });
  await runtime.start("host", bundle);
  let count = 0;
  const exec = (args: readonly string[], options: { tty?: boolean; openStdin?: boolean; attach?: boolean } = {}) =>
    runtime.exec({
      containerId: "host",
      execId: `exec${count++}`,
      bundle,
      process: { args, cwd: "/", env: ["PATH=/bin"], terminal: options.tty ?? false, user: { uid: 0, gid: 0 } },
      tty: options.tty ?? false,
      openStdin: options.openStdin ?? false,
      attach: options.attach ?? true,
      size: { width: 91, height: 27 },
    });

  const both = await exec(["sh", "-c", "echo out; echo err >&2; exit 5"]);
  assert.deepEqual(await outputOf(both.attachment!), { stdout: "out\n", stderr: "err\n" });
  assert.equal(await both.exit, 5);

  const cat = await exec(["wc", "-c"], { openStdin: true });
  const counted = outputOf(cat.attachment!);
  cat.attachment!.socket.end("y".repeat(300_000));
  assert.equal((await counted).stdout, "300000\n");

  const detached = await exec(["sh", "-c", "exit 6"], { attach: false });
  assert.equal(detached.attachment, undefined);
  assert.equal(await detached.exit, 6);

  // crun sets the size while the program starts already.
  const tty = await exec(["sh", "-c", "sleep 0.2; stty size"], { tty: true });
  assert.deepEqual(await outputOf(tty.attachment!), { stdout: "27 91\r\n", stderr: "" });

  for (const options of [{}, { tty: true }, { attach: false }, { tty: true, attach: false }]) {
    await assert.rejects(exec(["nosuch"], options), {
      message:
        'OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH',
      kind: "invalid",
      details: { exitCode: 127 },
    });
  }
  await assert.rejects(exec(["/bin/plain"]), { details: { exitCode: 126 } });

  const sleeper = await exec(["sleep", "60"]);
  assert.ok((await runtime.pids("host")).includes(sleeper.pid));
  await runtime.killAll("host");
  assert.equal(await sleeper.exit, 137);
  await fixture.exitOf("host");
  assert.deepEqual(readdirSync(join(fixture.folder, "exec/execs")), []);
  await runtime.delete("host");
});

test("a restarted daemon takes up what runs and learns what ended", async () => {
  const running = await fixture.create("running", { args: ["sh", "-c", "sleep 0.5; exit 4"] });
  const ended = await fixture.create("ended", { args: ["sh", "-c", "exit 8"] });
  const waiting = await fixture.create("waiting", { args: ["true"] });
  for (const [id, { bundle }] of [
    ["running", running],
    ["ended", ended],
  ] as const) {
    await fixture.runtime.start(id, bundle);
  }
  await fixture.exitOf("ended");
  const runtime = await fixture.reopen();
  assert.deepEqual((await runtime.list()).sort(), ["ended", "running", "waiting"]);
  assert.deepEqual(await runtime.recover("running", running.bundle), running.process);
  assert.deepEqual(await runtime.recover("waiting", waiting.bundle), waiting.process);
  assert.equal(await runtime.recover("never", join(fixture.folder, "never")), undefined);
  assert.ok(runtime.isAlive(running.process));
  await runtime.recover("ended", ended.bundle);
  assert.equal(runtime.isAlive(ended.process), false);
  assert.equal((await runtime.findExit("ended"))?.exitCode, 8);
  assert.equal(await runtime.findExit("running"), undefined);
  await runtime.start("waiting", waiting.bundle);
  assert.equal((await fixture.exitOf("waiting")).exitCode, 0);
  assert.equal((await fixture.exitOf("running")).exitCode, 4);
  for (const id of ["running", "ended", "waiting"]) await runtime.delete(id);
  assert.ok(!existsSync(join(fixture.folder, "exec/crun/running")));
});

test("running out of memory is told", async () => {
  const { bundle } = await fixture.create("oom", {
    args: ["sh", "-c", "x=a; while :; do x=$x$x; done"],
    linux: { resources: { memory: { limit: 16 << 20 } } },
  });
  await fixture.runtime.start("oom", bundle);
  const exit = await fixture.exitOf("oom");
  assert.equal(exit.exitCode, 137);
  assert.equal(exit.oomKilled, true);
  await fixture.runtime.delete("oom");
});
