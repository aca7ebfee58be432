/** A container's life: stop, kill, restart, pause, rename, remove, wait, and what ps and inspect say meanwhile. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openEngine } from "../kit/engine.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker } = engine;

async function running(...options: readonly string[]): Promise<string> {
  const name = engine.name();
  await docker.ok("run", "-d", "--name", name, ...options);
  return name;
}

const state = (name: string): Promise<string> =>
  docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);

test("stop lets the program end by itself", async () => {
  const name = await running("bb", "sh", "-c", 'trap "echo bye; exit 6" TERM; while :; do sleep 0.05; done');
  // The shell needs a moment to set its trap.
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await docker.ok("stop", name), name);
  assert.equal(await state(name), "exited 6");
  assert.equal(await docker.ok("logs", name), "bye");
});

test("stop kills after the time given: 137", async () => {
  const name = await running("bb", "sleep", "1000");
  const began = performance.now();
  await docker.ok("stop", "-t", "1", name);
  const took = performance.now() - began;
  assert.ok(took > 900 && took < 5000, `${took} ms`);
  assert.equal(await state(name), "exited 137");
  assert.equal(await docker.ok("stop", name), name, "a second stop changes nothing");
});

test("--stop-signal and stop -s choose the signal", async () => {
  const script = 'trap "exit 10" USR1; trap "exit 12" USR2; while :; do sleep 0.05; done';
  const first = await running("--stop-signal", "SIGUSR1", "bb", "sh", "-c", script);
  const second = await running("bb", "sh", "-c", script);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await docker.ok("stop", first);
  await docker.ok("stop", "-s", "SIGUSR2", second);
  assert.deepEqual([await state(first), await state(second)], ["exited 10", "exited 12"]);
});

test("kill sends what it is told, SIGKILL by default", async () => {
  const name = await running("bb", "sh", "-c", 'trap "echo usr" USR1; while :; do sleep 0.05; done');
  await new Promise((resolve) => setTimeout(resolve, 300));
  await docker.ok("kill", "-s", "USR1", name);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await docker.ok("logs", name), "usr");
  assert.equal(await docker.ok("kill", name), name);
  assert.equal(await docker.ok("wait", name), "137");
  assert.equal(await state(name), "exited 137");
  assert.match(await docker.fails("kill", name), /is not running/);
  assert.match(await docker.fails("kill", "-s", "NOSUCH", name), /invalid signal: NOSUCH/i);
});

test("restart gives a new process and keeps the files", async () => {
  const name = await running("bb", "sh", "-c", "echo run >> /tmp/runs; cat /tmp/runs; sleep 1000");
  const first = await docker.ok("inspect", "-f", "{{.State.Pid}} {{.State.StartedAt}}", name);
  await docker.ok("restart", "-t", "0", name);
  const second = await docker.ok("inspect", "-f", "{{.State.Pid}} {{.State.StartedAt}}", name);
  assert.notEqual(first, second);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await docker.ok("logs", name), "run\nrun\nrun");
});

test("pause stops time for the program, unpause lets it go on", async () => {
  const name = await running("bb", "sh", "-c", "i=0; while :; do i=$((i + 1)); echo $i > /tmp/now; sleep 0.02; done");
  assert.equal(await docker.ok("pause", name), name);
  assert.equal(
    await docker.ok("inspect", "-f", "{{.State.Status}} {{.State.Paused}} {{.State.Running}}", name),
    "paused true true",
  );
  assert.match(await docker.ok("ps", "--filter", `name=${name}`, "--format", "{{.Status}}"), /\(Paused\)$/);
  assert.match(await docker.fails("exec", name, "true"), /is paused/);
  assert.match(await docker.fails("pause", name), /is already paused/);
  await docker.ok("unpause", name);
  assert.match(await docker.fails("unpause", name), /is not paused/);
  const read = (): Promise<string> => docker.ok("exec", name, "cat", "/tmp/now");
  const before = await read();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.notEqual(await read(), before);
});

test("a paused container can be stopped and removed", async () => {
  const name = await running("bb", "sleep", "1000");
  await docker.ok("pause", name);
  await docker.ok("stop", "-t", "1", name);
  assert.equal(await state(name), "exited 137");
  const other = await running("bb", "sleep", "1000");
  await docker.ok("pause", other);
  await docker.ok("rm", "-f", other);
});

test("rename gives another name at once, and refuses a taken one", async () => {
  const name = await running("bb", "sleep", "1000");
  const other = engine.name();
  await docker.ok("rename", name, other);
  assert.equal(await docker.ok("inspect", "-f", "{{.Name}}", other), `/${other}`);
  assert.match(await docker.fails("inspect", name), /[Nn]o such object/);
  const third = await running("bb", "sleep", "1000");
  assert.match(
    await docker.fails("rename", third, other),
    /Conflict\. The container name "\/.*" is already in use by container/,
  );
  assert.match(
    await docker.fails("rename", third, third),
    /Renaming a container with the same name as its current name/,
  );
});

test("rm refuses what runs unless forced", async () => {
  const name = await running("bb", "sleep", "1000");
  assert.match(
    await docker.fails("rm", name),
    /cannot remove container "?\/?.*container is running: stop the container before removing or force remove/,
  );
  await docker.ok("rm", "-f", name);
  assert.match(await docker.fails("rm", name), new RegExp(`No such container: ${name}`));
  assert.equal((await docker.run(["rm", "-f", name])).code, 0, "a forced removal of nothing is no failure");
});

test("wait gives the exit code of now and of later", async () => {
  const name = await running("bb", "sh", "-c", "sleep 0.4; exit 11");
  const later = docker.ok("wait", name);
  assert.equal(await later, "11");
  assert.equal(await docker.ok("wait", name), "11");
});

test("ps: columns, -a, -q, --no-trunc, -n, -s and filters", async () => {
  const mark = `mark=${process.pid}`;
  const up = await running("--label", mark, "bb", "sleep", "1000");
  const down = engine.name();
  await docker.run(["run", "--name", down, "--label", mark, "bb", "sh", "-c", "exit 5"]);
  const made = engine.name();
  await docker.ok("create", "--name", made, "--label", mark, "bb", "true");
  const list = async (...args: readonly string[]): Promise<string[]> => {
    const lines = await docker.ok("ps", "--filter", `label=${mark}`, "--format", "{{.Names}}", ...args);
    return lines === "" ? [] : lines.split("\n");
  };
  assert.deepEqual(await list(), [up]);
  assert.deepEqual(await list("-a"), [made, down, up], "newest first");
  assert.deepEqual(await list("-a", "--filter", "status=exited"), [down]);
  assert.deepEqual(await list("-a", "--filter", "status=created"), [made]);
  assert.deepEqual(await list("-a", "--filter", "exited=5"), [down]);
  assert.deepEqual(await list("-a", "--filter", `name=${up}`), [up]);
  assert.deepEqual(await list("-a", "--filter", "ancestor=bb").then((names) => names.length), 3);
  assert.deepEqual(await list("-a", "--filter", `before=${down}`), [up]);
  assert.deepEqual(await list("-a", "--filter", `since=${down}`), [made]);
  assert.deepEqual(await list("-a", "--filter", "label=nosuch"), []);
  const id = await docker.ok("inspect", "-f", "{{.Id}}", up);
  assert.equal(await docker.ok("ps", "-q", "--no-trunc", "--filter", `name=${up}`), id);
  assert.equal(await docker.ok("ps", "-q", "--filter", `id=${id.slice(0, 8)}`), id.slice(0, 12));
  const row = await docker.ok(
    "ps",
    "-a",
    "--filter",
    `name=${down}`,
    "--format",
    "{{.Image}}|{{.Command}}|{{.Status}}|{{.Ports}}",
  );
  assert.match(row, /^bb\|"sh -c 'exit 5'"\|Exited \(5\) (Less than a second|About a minute|\d+ seconds?) ago\|$/);
  await docker.ok("exec", up, "dd", "if=/dev/zero", "of=/tmp/file", "bs=1024", "count=2000");
  assert.match(
    await docker.ok("ps", "-s", "--filter", `name=${up}`, "--format", "{{.Size}}"),
    /^2\.05MB \(virtual [\d.]+MB\)$/,
  );
  assert.match(await docker.fails("ps", "--filter", "nosuch=1"), /invalid filter 'nosuch'/);
});

test("inspect tells what was asked for", async () => {
  const name = await running(
    "-e",
    "A=1",
    "--label",
    "x=y",
    "-w",
    "/tmp",
    "-u",
    "nobody",
    "--hostname",
    "hh",
    "bb",
    "sleep",
    "1000",
  );
  const [inspected] = JSON.parse(await docker.ok("inspect", name));
  assert.equal(inspected.Path, "sleep");
  assert.deepEqual(inspected.Args, ["1000"]);
  assert.deepEqual(inspected.Config.Cmd, ["sleep", "1000"]);
  assert.ok(inspected.Config.Env.includes("A=1"));
  assert.deepEqual(inspected.Config.Labels, { x: "y" });
  assert.deepEqual(
    [inspected.Config.WorkingDir, inspected.Config.User, inspected.Config.Hostname],
    ["/tmp", "nobody", "hh"],
  );
  assert.equal(inspected.Config.Image, "bb");
  assert.match(inspected.Image, /^sha256:[0-9a-f]{64}$/);
  assert.ok(inspected.State.Pid > 0);
  assert.equal(inspected.State.FinishedAt, "0001-01-01T00:00:00Z");
  assert.ok(Date.parse(inspected.State.StartedAt) >= Date.parse(inspected.Created));
  assert.equal(inspected.HostConfig.NetworkMode, "bridge");
  assert.equal(inspected.HostConfig.RestartPolicy.Name, "no");
  const { bridge } = inspected.NetworkSettings.Networks;
  assert.match(bridge.IPAddress, /^\d+\.\d+\.\d+\.\d+$/);
  assert.match(bridge.MacAddress, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  assert.ok(bridge.Gateway !== "" && bridge.IPPrefixLen > 0);
});

test("what is written while it runs is there after a stop and a start", async () => {
  const name = await running("bb", "sleep", "1000");
  await docker.ok("exec", name, "sh", "-c", "echo kept > /root/file; rm /etc/group");
  await docker.ok("restart", "-t", "0", name);
  assert.equal(await docker.ok("exec", name, "cat", "/root/file"), "kept");
  assert.match(await docker.fails("exec", name, "cat", "/etc/group"), /No such file/);
  assert.equal(await docker.ok("run", "--rm", "bb", "head", "-n", "1", "/etc/group"), "root:x:0:");
});
