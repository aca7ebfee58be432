/** What containers use and may use, and what is given back: stats, update, prune, system df. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openEngine } from "../kit/engine.ts";
import { tarOf } from "../kit/tar.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker } = engine;

test("stats tells what a running container uses, and zeros of a stopped one", async () => {
  const [busy, idle] = [engine.name(), engine.name()];
  await docker.ok(
    "run",
    "-d",
    "--name",
    busy,
    "-m",
    "64m",
    "--pids-limit",
    "77",
    "bb",
    "sh",
    "-c",
    "while :; do :; done",
  );
  await docker.ok("create", "--name", idle, "bb", "true");
  const text = await docker.ok(
    "stats",
    "--no-stream",
    "--format",
    "{{.Name}}|{{.CPUPerc}}|{{.MemUsage}}|{{.PIDs}}",
    busy,
    idle,
  );
  const [first = "", second] = text.split("\n");
  const [name, cpu = "", memory = "", pids] = first.split("|");
  assert.equal(name, busy);
  assert.ok(Number.parseFloat(cpu) > 10, cpu);
  assert.match(memory, /^\d.*B \/ 64MiB$/);
  assert.equal(pids, "1");
  assert.equal(second, `${idle}|0.00%|0B / 0B|0`);
  await docker.ok("rm", "-f", busy);
});

test("update acts on the running container and on its record", async () => {
  const name = engine.name();
  await docker.ok("run", "-d", "--name", name, "-m", "64m", "bb", "sleep", "1000");
  await docker.ok("update", "-m", "96m", "--memory-swap", "192m", "--cpus", "0.5", "--cpuset-cpus", "0", name);
  await docker.ok("update", "--pids-limit", "33", "--restart", "unless-stopped", name);
  const config =
    "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}";
  assert.equal(await docker.ok("inspect", "-f", config, name), "100663296 500000000 33 unless-stopped");
  const stats = await docker.ok("stats", "--no-stream", "--format", "{{.MemUsage}}", name);
  assert.match(stats, / \/ 96MiB$/);
  assert.equal(
    await docker.ok("exec", name, "grep", "Cpus_allowed_list", "/proc/self/status"),
    "Cpus_allowed_list:\t0",
  );
  assert.match(await docker.fails("update", "-m", "1m", name), /Minimum memory limit allowed is 6MB/);
  assert.match(await docker.fails("update", "-m", "300m", name), /already set memoryswap limit/);
  assert.match(await docker.fails("update", "--cpu-quota", "5000", name), /CPU Quota cannot be updated as NanoCPUs/);
  assert.match(await docker.fails("update", "--restart", "x", name), /unknown policy 'x'/);
  await docker.ok("rm", "-f", name);
});

test("prune removes what the filters leave, and tells the space", async () => {
  const [one, two, runs] = [engine.name(), engine.name(), engine.name()];
  await docker.ok("run", "--name", one, "-l", `p=${one}`, "bb", "sh", "-c", "echo hello > /x");
  await docker.ok("run", "--name", two, "-l", `p=${two}`, "bb", "true");
  await docker.ok("run", "-d", "--name", runs, "-l", `p=${one}`, "bb", "sleep", "1000");
  const id = await docker.ok("inspect", "-f", "{{.Id}}", one);
  const answer = await docker.ok("container", "prune", "-f", "--filter", `label=p=${one}`);
  assert.equal(answer, `Deleted Containers:\n${id}\n\nTotal reclaimed space: 6B`);
  await docker.ok("inspect", two, runs);
  assert.match(await docker.fails("container", "prune", "-f", "--filter", "nosuch=x"), /invalid filter 'nosuch'/);
  assert.match(await docker.ok("system", "df"), /^Containers +\d+ +1 /m);
  const file = tarOf([{ name: "only-here", data: `made for ${one}` }]);
  const change = `LABEL p=${one}`;
  const imported = await docker.run(["import", "-c", change, "-"], { input: file });
  const label = `label=p=${one}`;
  const pruned = await docker.ok("image", "prune", "-f", "--filter", label);
  assert.match(pruned, new RegExp(`^Deleted Images:\\ndeleted: ${imported.stdout.trim()}\\ndeleted: sha256:`));
  assert.equal(await docker.ok("image", "prune", "-a", "-f", "--filter", label), "Total reclaimed space: 0B");
  await docker.ok("rm", "-f", runs);
});
