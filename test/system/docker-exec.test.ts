/** `docker exec`, `docker top` and `docker attach` without a terminal. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { openEngine } from "../kit/engine.ts";
import { engineApi } from "../kit/http.ts";
import { until } from "../kit/wait.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker } = engine;
const name = engine.name();

before(async () => {
  await docker.ok("run", "-d", "--name", name, "-e", "INHERITED=yes", "bb", "sleep", "1000");
});

test("exec has the container's environment and its own exit code", async () => {
  const result = await docker.run([
    "exec",
    "-e",
    "MORE=b",
    "-w",
    "/tmp",
    name,
    "sh",
    "-c",
    'echo "$INHERITED $MORE $PWD"; echo e >&2; exit 3',
  ]);
  assert.deepEqual([result.code, result.stdout, result.stderr], [3, "yes b /tmp\n", "e\n"]);
});

test("exec -u runs as another user", async () => {
  assert.equal(await docker.ok("exec", "-u", "nobody", name, "id", "-un"), "nobody");
  const unknown = await docker.run(["exec", "-u", "who", name, "true"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /unable to find user who: no matching entries in passwd file/);
});

test("exec -i passes input and its end", async () => {
  const input = randomBytes(3 * 1024 * 1024);
  const { code, bytes } = await docker.run(["exec", "-i", name, "cat"], { input });
  assert.equal(code, 0);
  assert.ok(input.equals(bytes));
});

test("exec -d runs beside", async () => {
  await docker.ok("exec", "-d", name, "sh", "-c", "sleep 0.1; touch /tmp/made");
  await until("the file is made", async () => (await docker.run(["exec", name, "ls", "/tmp/made"])).code === 0);
});

test("126 and 127 as for run", async () => {
  const absent = await docker.run(["exec", name, "no-such-command"]);
  assert.equal(absent.code, 127);
  assert.match(absent.stdout + absent.stderr, /"no-such-command": executable file not found in \$PATH/);
  const file = await docker.run(["exec", name, "/etc/passwd"]);
  assert.equal(file.code, 126);
  assert.match(file.stdout + file.stderr, /permission denied/);
});

test("exec in what does not run is refused", async () => {
  const stopped = engine.name();
  const id = await docker.ok("create", "--name", stopped, "bb", "true");
  assert.match(await docker.fails("exec", stopped, "true"), new RegExp(`container ${id} is not running`));
  assert.match(await docker.fails("exec", "no-such-container", "true"), /No such container: no-such-container/);
});

test("an exec is inspected by its id, before and after", async () => {
  const { status, json } = await engineApi(engine.host, "POST", `/v1.51/containers/${name}/exec`, {
    Cmd: ["sh", "-c", "exit 6"],
    AttachStdout: true,
  });
  assert.equal(status, 201);
  const id = json().Id;
  const before = (await engineApi(engine.host, "GET", `/v1.51/exec/${id}/json`)).json();
  assert.deepEqual([before.Running, before.ExitCode, before.ProcessConfig.entrypoint], [false, null, "sh"]);
  await engineApi(engine.host, "POST", `/v1.51/exec/${id}/start`, { Detach: false, Tty: false });
  const ended = (await engineApi(engine.host, "GET", `/v1.51/exec/${id}/json`)).json();
  assert.deepEqual([ended.Running, ended.ExitCode], [false, 6]);
  assert.equal((await engineApi(engine.host, "POST", `/v1.51/exec/${id}/start`, { Detach: true })).status, 409);
  const unknown = await engineApi(engine.host, "GET", "/v1.51/exec/feed/json");
  assert.deepEqual([unknown.status, unknown.json().message], [404, "No such exec instance: feed"]);
});

test("eight at once, twice over, all with their own output", async () => {
  const all = Array.from({ length: 16 }, (_, index) => docker.ok("exec", name, "sh", "-c", `echo ${index}`));
  assert.deepEqual(
    await Promise.all(all),
    Array.from({ length: 16 }, (_, index) => String(index)),
  );
});

test("top lists the processes by ps of the host", async () => {
  const lines = (await docker.ok("top", name)).split("\n");
  assert.match(lines[0] ?? "", /^UID\s+PID\s+PPID\s+C\s+STIME\s+TTY\s+TIME\s+CMD$/);
  assert.match(lines[1] ?? "", /sleep 1000$/);
  assert.equal(lines.length, 2);
  const own = (await docker.ok("top", name, "-o", "pid,comm")).split("\n");
  assert.match(own[0] ?? "", /^PID\s+COMMAND$/);
  assert.match(own[1] ?? "", /^\d+\s+sleep$/);
});

test("attach shows what comes from then on and passes input; a client that leaves ends nothing", async () => {
  const cat = engine.name();
  await docker.ok("run", "-d", "-i", "--name", cat, "bb", "cat");
  const client = docker.start("attach", cat);
  let shown = "";
  client.stdout.on("data", (data: Buffer) => {
    shown += data.toString();
  });
  const ended = new Promise((resolve) => client.once("close", resolve));
  await new Promise((resolve) => setTimeout(resolve, 300));
  client.stdin.write("hello\n");
  await until("the echo", () => shown === "hello\n");
  client.kill("SIGKILL");
  await ended;
  assert.equal(await docker.ok("inspect", "-f", "{{.State.Status}}", cat), "running");
});

test("start -ai passes input and its end", async () => {
  const cat = engine.name();
  await docker.ok("create", "-i", "--name", cat, "bb", "sh", "-c", "cat; exit 4");
  const { code, stdout } = await docker.run(["start", "-ai", cat], { input: "to the cat\n" });
  assert.deepEqual([code, stdout], [4, "to the cat\n"]);
});
