/** `docker run` in the foreground: output, exit codes, standard input. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { openEngine } from "../kit/engine.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker } = engine;

test("run --rm prints both streams apart and leaves nothing", async () => {
  const name = engine.name();
  const result = await docker.run(["run", "--rm", "--name", name, "bb", "sh", "-c", "echo out; echo err >&2"]);
  assert.deepEqual([result.code, result.stdout, result.stderr], [0, "out\n", "err\n"]);
  assert.equal(await docker.ok("ps", "-aq", "--filter", `name=${name}`), "");
});

test("the exit code is the container's", async () => {
  for (const code of [0, 3, 42, 255]) {
    assert.equal((await docker.run(["run", "--rm", "bb", "sh", "-c", `exit ${code}`])).code, code);
  }
});

test("125 for what the daemon refuses, 126 for what cannot be run, 127 for what is not there", async () => {
  const refused = await docker.run(["run", "--rm", "--name", "-bad-", "bb", "true"]);
  assert.equal(refused.code, 125);
  assert.match(refused.stderr, /Invalid container name \(-bad-\), only \[a-zA-Z0-9\]\[a-zA-Z0-9_\.-\] are allowed/);

  const folder = await docker.run(["run", "--rm", "bb", "/etc"]);
  assert.equal(folder.code, 126);
  assert.match(folder.stderr, /(is a directory|permission denied)/);

  const file = await docker.run(["run", "--rm", "bb", "/etc/passwd"]);
  assert.equal(file.code, 126);
  assert.match(file.stderr, /permission denied/);

  const absent = await docker.run(["run", "--rm", "bb", "no-such-command"]);
  assert.equal(absent.code, 127);
  assert.match(absent.stderr, /"no-such-command": executable file not found in \$PATH/);

  const path = await docker.run(["run", "--rm", "bb", "/no/such/file"]);
  assert.equal(path.code, 127);
  assert.match(path.stderr, /\/no\/such\/file.*no such file or directory/);
});

test("environment, working directory, user, host name and entry point arrive", async () => {
  const script = 'echo "$A|$PWD|$(id -u):$(id -g)|$(hostname)"';
  const said = await docker.ok(
    ...["run", "--rm", "-e", "A=b c", "-w", "/made/here", "-u", "65534:65534", "-h", "somewhere"],
    ...["--entrypoint", "sh", "bb", "-c", script],
  );
  assert.equal(said, "b c|/made/here|65534:65534|somewhere");
});

test("labels, create and start -a", async () => {
  const name = engine.name();
  await docker.ok("create", "--name", name, "--label", "a=b", "bb", "sh", "-c", "echo hello; exit 4");
  assert.equal(await docker.ok("inspect", "-f", '{{.State.Status}} {{index .Config.Labels "a"}}', name), "created b");
  const started = await docker.run(["start", "-a", name]);
  assert.deepEqual([started.code, started.stdout], [4, "hello\n"]);
  const fields = "{{.State.Status}} {{.State.ExitCode}} {{.State.Running}} {{.RestartCount}} {{.State.OOMKilled}}";
  assert.equal(await docker.ok("inspect", "-f", fields, name), "exited 4 false 0 false");
});

test("run -i passes 20 MB through cat byte for byte, and its end", async () => {
  const input = randomBytes(20 * 1024 * 1024);
  const { code, bytes, stderr } = await docker.run(["run", "--rm", "-i", "bb", "cat"], { input });
  assert.equal(code, 0, stderr);
  assert.ok(input.equals(bytes), `${bytes.length} bytes came back of ${input.length}`);
});

test("run -i ends when the program ends, whatever is left of the input", async () => {
  const input = Buffer.alloc(1024 * 1024, "line\n");
  const { code, stdout } = await docker.run(["run", "--rm", "-i", "bb", "head", "-n", "1"], { input });
  assert.deepEqual([code, stdout], [0, "line\n"]);
});

test("run without -i gives the program an empty standard input", async () => {
  assert.equal((await docker.run(["run", "--rm", "bb", "wc", "-c"], { input: "not for you" })).stdout.trim(), "0");
});

test("run -d prints the id, and the container goes on", async () => {
  const name = engine.name();
  const id = await docker.ok("run", "-d", "--name", name, "bb", "sleep", "1000");
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(await docker.ok("inspect", "-f", "{{.Id}} {{.State.Running}} {{.Name}}", name), `${id} true /${name}`);
  assert.equal(await docker.ok("rm", "-f", id.slice(0, 12)), id.slice(0, 12));
});

test("a signal to `docker run` reaches the program", async () => {
  const run = docker.start(
    "run",
    "--rm",
    "--name",
    engine.name(),
    "bb",
    "sh",
    "-c",
    'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done',
  );
  const ended = new Promise((resolve) => run.once("close", resolve));
  await new Promise((resolve) => run.stdout.once("data", resolve));
  run.kill("SIGTERM");
  assert.equal(await ended, 7);
});

test("the container sees its own limits of the kernel: capabilities, seccomp, masked and read-only paths", async () => {
  const status = await docker.ok("run", "--rm", "bb", "cat", "/proc/self/status");
  assert.match(status, /^CapEff:\t00000000a80425fb$/m);
  assert.match(status, /^Seccomp:\t2$/m);
  assert.equal(
    await docker.ok("run", "--rm", "bb", "sh", "-c", "wc -c < /proc/timer_list; ls /sys/firmware | wc -l"),
    "0\n0",
  );
  const readOnly = await docker.run(["run", "--rm", "bb", "sh", "-c", "echo x > /proc/sys/kernel/hostname"]);
  assert.notEqual(readOnly.code, 0);
  assert.match(readOnly.stderr, /Read-only file system/);
  assert.equal(await docker.ok("run", "--rm", "--network", "none", "bb", "sh", "-c", "ls /sys/class/net"), "lo");
});

test("its own process, mount, host name and IPC namespaces", async () => {
  assert.equal(await docker.ok("run", "--rm", "bb", "sh", "-c", "echo $$"), "1");
  const links = await docker.ok(
    "run",
    "--rm",
    "bb",
    "sh",
    "-c",
    "for n in pid mnt uts ipc net; do readlink /proc/self/ns/$n; done",
  );
  const { readlinkSync } = await import("node:fs");
  for (const name of ["pid", "mnt", "uts", "ipc", "net"]) {
    assert.ok(!links.includes(readlinkSync(`/proc/self/ns/${name}`)), `${name} is shared with the host`);
  }
});
