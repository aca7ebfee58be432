/** `--init`, and namespaces that containers share. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Engine, openEngine } from "../kit/engine.ts";

let engine: Engine;

before(async () => {
  engine = await openEngine();
});
after(() => engine[Symbol.asyncDispose]());

async function running(options: readonly string[], ...command: string[]): Promise<string> {
  const name = engine.name();
  const words = command.length > 0 ? command : ["sleep", "1000"];
  await engine.docker.ok("run", "-d", "--name", name, ...options, "bb", ...words);
  return name;
}

test("--init runs a small init that passes signals on and reaps orphans", async () => {
  const { docker } = engine;
  const name = await running(["--init"], "sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done");
  assert.match(await docker.ok("exec", name, "cat", "/proc/1/cmdline"), /^\/sbin\/docker-init\0--\0sh\0-c\0/);
  assert.match(await docker.ok("exec", name, "grep", "docker-init", "/proc/mounts"), / \/sbin\/docker-init \S+ ro[, ]/);
  assert.equal(await docker.ok("inspect", "-f", "{{.Path}} {{.HostConfig.Init}} {{len .Args}}", name), "sh true 2");
  await docker.ok("exec", name, "sh", "-c", "(sh -c 'sleep 0.1 & exit 0') & sleep 0.3");
  assert.doesNotMatch(await docker.ok("exec", name, "ps", "-o", "stat,comm"), /^Z/m);
  await docker.ok("stop", name);
  assert.equal(await docker.ok("inspect", "-f", "{{.State.ExitCode}}", name), "7");
  const missing = await docker.run(["run", "--rm", "--init", "bb", "nosuch"]);
  assert.equal(missing.code, 127);
});
