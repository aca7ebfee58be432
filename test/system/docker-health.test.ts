/** Health checks, as the stock docker CLI asks for and sees them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bringBusybox } from "../kit/bring-images.ts";
import { startDaemon, type TestDaemon } from "../kit/daemon.ts";
import { type Docker, dockerOf } from "../kit/docker.ts";
import { busyboxFiles } from "../kit/images.ts";
import { tarOf } from "../kit/tar.ts";
import { until } from "../kit/wait.ts";

let daemon: TestDaemon;
let docker: Docker;

before(async () => {
  daemon = await startDaemon();
  docker = dockerOf(daemon.host);
  await bringBusybox(docker);
});
after(() => daemon[Symbol.asyncDispose]());

const often = ["--health-interval", "100ms", "--health-retries", "2"];

function run(name: string, command: string, ...options: string[]): Promise<string> {
  return docker.ok("run", "-d", "--name", name, "--health-cmd", command, ...often, ...options, "bb", "sleep", "1000");
}

interface Health {
  Status: string;
  FailingStreak: number;
  Log: { Start: string; End: string; ExitCode: number; Output: string }[];
}

async function health(name: string): Promise<Health> {
  return JSON.parse(await docker.ok("inspect", "-f", "{{json .State.Health}}", name));
}

function becomes(name: string, status: string): Promise<Health> {
  return until(`${name} is ${status}`, async () => {
    const now = await health(name);
    return now.Status === status ? now : undefined;
  });
}

/** The actions of a container's events; those of the present second come with the next. */
const eventsOf = (name: string): Promise<string> =>
  docker.ok("events", "--since", "1m", "--until", "0s", "--filter", `container=${name}`, "--format", "{{.Action}}");

const statusOf = (name: string): Promise<string> =>
  docker.ok("ps", "-a", "--filter", `name=${name}`, "--format", "{{.Status}}");

test("a container is starting, unhealthy and healthy, in inspect, lists, filters and events", async () => {
  await run(
    "course",
    "echo out; echo err >&2; test -e /tmp/ok",
    "--health-start-period",
    "2s",
    "--health-start-interval",
    "100ms",
  );
  assert.equal((await health("course")).Status, "starting");
  assert.match(await statusOf("course"), /^Up .* \(health: starting\)$/);
  const withResult = await until("a first result", async () => {
    const now = await health("course");
    return now.Log.length > 0 ? now : undefined;
  });
  assert.deepEqual([withResult.Status, withResult.FailingStreak, withResult.Log[0]?.ExitCode], ["starting", 0, 1]);
  assert.match(withResult.Log[0]?.Output ?? "", /^(out\nerr|err\nout)\n$/);
  await docker.ok("exec", "course", "touch", "/tmp/ok");
  await becomes("course", "healthy");
  assert.match(await statusOf("course"), /^Up .* \(healthy\)$/);
  await docker.ok("exec", "course", "rm", "/tmp/ok");
  const failed = await becomes("course", "unhealthy");
  assert.ok(failed.FailingStreak >= 2);
  assert.equal(await docker.ok("ps", "--filter", "health=unhealthy", "--format", "{{.Names}}"), "course");
  assert.equal(await docker.ok("ps", "--filter", "health=healthy", "--format", "{{.Names}}"), "");
  assert.match(
    await docker.fails("ps", "--filter", "health=foo"),
    /must be one of none, starting, healthy, unhealthy$/m,
  );
  await until("five results", async () => (await health("course")).Log.length === 5);
  const statuses = async (): Promise<string[]> =>
    (await eventsOf("course")).split("\n").filter((action) => action.startsWith("health_status"));
  await until("both events", async () => (await statuses()).length === 2);
  assert.deepEqual(await statuses(), ["health_status: healthy", "health_status: unhealthy"]);
  const exec = /^exec_create: \/bin\/sh -c echo out.*\nexec_start: \/bin\/sh -c echo out.*\nexec_die$/m;
  assert.match(await eventsOf("course"), exec);
});

test("nothing is checked while a container is paused or stopped", async () => {
  await run("still", "true");
  await becomes("still", "healthy");
  await docker.ok("pause", "still");
  const { Log } = await health("still");
  assert.match(await statusOf("still"), /\(Paused\)$/);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual((await health("still")).Log, Log);
  await docker.ok("unpause", "still");
  await becomes("still", "healthy");
  await docker.ok("stop", "-t", "0", "still");
  assert.equal((await health("still")).Status, "unhealthy");
  assert.doesNotMatch(await statusOf("still"), /healthy/);
  await docker.ok("start", "still");
  assert.equal((await health("still")).Status, "starting");
});

test("a check that takes too long is killed, with all that it started", async () => {
  await run("slow", "echo begun; sleep 777; true", "--health-timeout", "150ms");
  const { Log } = await becomes("slow", "unhealthy");
  assert.deepEqual([Log[0]?.ExitCode, Log[0]?.Output], [-1, "Health check exceeded timeout (150ms): begun\n"]);
  await docker.ok("pause", "slow");
  await docker.ok("unpause", "slow");
  assert.ok((await docker.ok("top", "slow", "-o", "pid,args")).split("sleep 777").length <= 3);
});

test("a long output is cut", async () => {
  await run("long", "head -c 5000 /dev/zero | tr '\\0' x; exit 1");
  assert.equal((await becomes("long", "unhealthy")).Log[0]?.Output, `${"x".repeat(4096)}...`);
});

test("an image's check holds, and a program that is missing is told", async () => {
  const check = 'HEALTHCHECK --interval=100ms --retries=1 CMD ["nosuch"]';
  const made = await docker.run(["import", "--change", check, "-", "sick"], { input: tarOf(busyboxFiles()) });
  assert.equal(made.code, 0);
  await docker.ok("run", "-d", "--name", "sick", "--health-timeout", "5s", "sick", "sleep", "1000");
  const { Log } = await becomes("sick", "unhealthy");
  assert.equal(Log[0]?.ExitCode, -1);
  assert.match(
    Log[0]?.Output ?? "",
    /^OCI runtime exec failed: .* exec: "nosuch": executable file not found in \$PATH$/,
  );
});

test("checks go on after the daemon was killed", async () => {
  await run("kept", "true");
  await becomes("kept", "healthy");
  await daemon.kill();
  await daemon.start();
  const { Status, Log } = await health("kept");
  assert.deepEqual([Status, Log.length > 0], ["healthy", true]);
  const last = Log.at(-1)?.End;
  await until("a new result", async () => (await health("kept")).Log.at(-1)?.End !== last);
});

test("without a check there is no health", async () => {
  await docker.ok("run", "-d", "--name", "without", "--no-healthcheck", "bb", "sleep", "1000");
  assert.equal(
    await docker.ok("inspect", "-f", "{{json .State.Health}} {{json .Config.Healthcheck}}", "without"),
    'null {"Test":["NONE"]}',
  );
  assert.match(await docker.ok("ps", "--filter", "health=none", "--format", "{{.Names}}"), /^without$/m);
});
