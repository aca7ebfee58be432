import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openNetworkEngine } from "../../../test/kit/network-engine.ts";
import { enterOwnNetwork, runIn } from "../../../test/kit/own-network.ts";
import { newId } from "../../base/ids.ts";

const dataRoot = process.argv[2];
if (dataRoot === undefined)
  test("a daemon killed at any moment leaves nothing that the next one does not remove", survive);
else await churn(dataRoot);

/** The daemon that is killed: makes and removes sandboxes without end. */
async function churn(root: string): Promise<void> {
  const { sandboxes } = await openNetworkEngine(root);
  await sandboxes.reconcile(new Set());
  process.stdout.write("ready\n");
  for (;;) {
    const ids = [newId(), newId(), newId()];
    const ports = { "80/tcp": [{ HostPort: "" }], "53/udp": [{ HostPort: "" }] };
    for (const id of ids) {
      await sandboxes.create({ id, networks: { bridge: {} }, ports, exposed: [], publishAll: false });
    }
    for (const id of ids) await sandboxes.remove(id);
  }
}

async function survive(): Promise<void> {
  enterOwnNetwork();
  const root = mkdtempSync(join(tmpdir(), "killed-"));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, [import.meta.filename, root], { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    await Promise.race([once(child.stdout, "data"), ended]);
    assert.equal(child.exitCode, null);
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60));
    child.kill("SIGKILL");
    await ended;
  }
  const engine = await openNetworkEngine(root);
  await engine.sandboxes.reconcile(new Set());
  const sandbox = await engine.sandboxes.create({
    id: newId(),
    networks: { bridge: {} },
    ports: { "80/tcp": [{ HostPort: "8080" }] },
    exposed: [],
    publishAll: false,
  });
  assert.equal(sandbox.endpoints.bridge?.IPAddress, "172.17.0.2");
  assert.deepEqual(readdirSync(join(root, "exec", "netns")), [sandbox.id]);
  await engine.sandboxes.remove(sandbox.id);
  await engine[Symbol.asyncDispose]();
  assert.equal(await runIn(undefined, "nft", "list", "ruleset"), "");
  assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(root));
  assert.deepEqual(readdirSync(join(root, "exec")), ["sandboxes"]);
  assert.deepEqual(readdirSync(join(root, "exec", "sandboxes")), []);
  for (let tries = 0; (await runIn(undefined, "ip", "-o", "link")).includes(engine.tag); tries += 1) {
    assert.ok(tries < 300, "interfaces are left");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  rmSync(root, { recursive: true });
}
