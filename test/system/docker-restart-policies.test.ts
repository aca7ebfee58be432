/** Restart policies, with real containers. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bringBusybox } from "../kit/bring-images.ts";
import { startDaemon, type TestDaemon } from "../kit/daemon.ts";
import { type Docker, dockerOf } from "../kit/docker.ts";
import { until } from "../kit/wait.ts";

let daemon: TestDaemon;
let docker: Docker;

before(async () => {
  daemon = await startDaemon();
  docker = dockerOf(daemon.host);
  await bringBusybox(docker);
});
after(() => daemon[Symbol.asyncDispose]());

const run = (name: string, policy: string, ...command: string[]): Promise<string> =>
  docker.ok("run", "-d", "--name", name, "--restart", policy, "bb", ...command);
const shown = (name: string): Promise<string> =>
  docker.ok("inspect", "-f", "{{.State.Status}} {{.RestartCount}}", name);
const becomes = (name: string, state: string): Promise<true> =>
  until(`${name} is ${state}`, async () => (await shown(name)) === state || undefined);

test("on-failure:3 gives up after three restarts, each twice as late; a start counts anew", async () => {
  await run("thrice", "on-failure:3", "sh", "-c", "date +%s.%N >> /tmp/starts; exit 3");
  await becomes("thrice", "exited 3");
  assert.match(await docker.ok("ps", "-a", "--filter", "name=thrice", "--format", "{{.Status}}"), /^Exited \(3\)/);
  assert.equal(await docker.ok("wait", "thrice"), "3");
  const events = await until("four ends", async () => {
    const text = await docker.ok(
      ...["events", "--since", "1m", "--until", "0s", "--filter", "container=thrice"],
      ...["--filter", "event=start", "--format", "{{.TimeNano}}"],
    );
    const times = text.split("\n").map((nanos) => Number(BigInt(nanos) / 1_000_000n));
    return times.length === 4 ? times : undefined;
  });
  const pauses = events.slice(1).map((time, index) => time - (events[index] ?? 0));
  for (const [index, atLeast] of [100, 200, 400].entries()) assert.ok((pauses[index] ?? 0) >= atLeast, `${pauses}`);
  await docker.ok("start", "thrice");
  await becomes("thrice", "exited 3");
});

test("on-failure leaves a success alone", async () => {
  await run("fine", "on-failure", "true");
  await becomes("fine", "exited 0");
});

test("a container between two runs is restarting, and stop and kill end that", async () => {
  for (const end of ["stop", "kill"]) {
    await run(end, "always", "sh", "-c", "exit 4");
    await until("some restarts", async () => /^restarting [3-9]$/.test(await shown(end)) || undefined);
    assert.match(
      await docker.ok("ps", "--filter", `name=${end}`, "--format", "{{.Status}}"),
      /^Restarting \(4\) .* ago$/,
    );
    assert.match(await docker.fails("exec", end, "true"), /is restarting, wait until the container is running/);
    assert.match(await docker.fails("pause", end), /is restarting, wait until the container is running/);
    const waiting = docker.ok("wait", end);
    await until("nothing", () => new Promise((resolve) => setTimeout(resolve, 100, true)));
    await docker.ok(end, end);
    assert.equal(await waiting, "4");
    assert.match(await shown(end), /^exited [3-9]$/);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.match(await shown(end), /^exited/);
  }
});

test("a signal by kill ends the restarts, as Docker has it; an exit of its own does not", async () => {
  const program = "trap 'exit 5' HUP; while :; do sleep 0.02; done";
  await run("signalled", "always", "sh", "-c", program);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await docker.ok("exec", "signalled", "kill", "-HUP", "1");
  await becomes("signalled", "running 1");
  await new Promise((resolve) => setTimeout(resolve, 200));
  await docker.ok("kill", "-s", "HUP", "signalled");
  await becomes("signalled", "exited 1");
});

test("after a restart of the daemon each policy does what it says", async () => {
  const kinds = ["always", "unless-stopped", "on-failure", "no"];
  for (const kind of kinds) {
    await run(`up-${kind}`, kind, "sleep", "1000");
    await run(`stopped-${kind}`, kind, "sleep", "1000");
    await docker.ok("stop", "-t", "0", `stopped-${kind}`);
  }
  await daemon.kill();
  await daemon.start();
  const states = new Map<string, string>();
  await until("the starts", async () => {
    for (const kind of kinds) for (const name of [`up-${kind}`, `stopped-${kind}`]) states.set(name, await shown(name));
    return states.get("stopped-always") === "running 0" && states.get("stopped-on-failure") === "running 0";
  });
  assert.deepEqual(Object.fromEntries(states), {
    "up-always": "running 0",
    "stopped-always": "running 0",
    "up-unless-stopped": "running 0",
    "stopped-unless-stopped": "exited 0",
    "up-on-failure": "running 0",
    "stopped-on-failure": "running 0",
    "up-no": "running 0",
    "stopped-no": "exited 0",
  });
});
