import assert from "node:assert/strict";
import { test } from "node:test";
import { operations } from "../../src/wire/docker/operations.ts";
import { type Answer, ask, openDoor } from "./fixture.ts";

const notBuilt: readonly string[] = [
  ...["ContainerAttachWebsocket", "ImageBuild", "BuildPrune", "ImagePush", "ImageSearch", "SystemAuth"],
  ...["VolumeCreate", "VolumePrune"],
  ...["NetworkDelete", "NetworkCreate", "NetworkConnect", "NetworkDisconnect", "NetworkPrune"],
  ...["GetPluginPrivileges", "PluginPull", "PluginEnable", "PluginDisable", "PluginUpgrade", "PluginCreate"],
  ...["PluginPush", "PluginSet", "SwarmInit", "SwarmJoin", "DistributionInspect", "Session"],
];

const noSwarm =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

function message(answer: Answer): unknown {
  return (JSON.parse(answer.body) as { message: unknown }).message;
}

test("all 107 operations are routed, with a version and without", async () => {
  await using door = await openDoor();
  assert.equal(operations.length, 107);
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, 107);
  for (const { method, path, operationId } of operations) {
    for (const prefix of ["", "/v1.51", "/v1.24"]) {
      const isEndless = operationId === "SystemEvents";
      const target = prefix + path.replaceAll(/\{\w+(:\.\*)?\}/g, "x") + (isEndless ? "?until=1" : "");
      const answer = await ask(door.path, method, target);
      assert.doesNotMatch(answer.body, /page not found/, `${method} ${target}`);
      // An error of an attach has no headers of the API: Docker has taken the connection over by then.
      if (operationId !== "ContainerAttach") assert.equal(answer.headers["Api-Version"], "1.51", `${method} ${target}`);
    }
  }
});

test("what is not built answers 501 and names the operation", async () => {
  await using door = await openDoor();
  for (const { method, path, operationId } of operations) {
    if (!notBuilt.includes(operationId)) continue;
    const answer = await ask(door.path, method, path.replaceAll(/\{\w+(:\.\*)?\}/g, "x"));
    assert.equal(answer.status, 501, operationId);
    if (method !== "HEAD") assert.equal(message(answer), `${operationId} is not implemented by Escale yet`);
  }
});

test("what belongs to a swarm answers as a node that is in none", async () => {
  await using door = await openDoor();
  for (const { method, path, operationId } of operations) {
    if (!/^\/(swarm|nodes|services|tasks|secrets|configs)/.test(path) || notBuilt.includes(operationId)) continue;
    const answer = await ask(door.path, method, path.replaceAll(/\{\w+(:\.\*)?\}/g, "x"));
    assert.equal(answer.status, 503, operationId);
    assert.equal(message(answer), operationId === "SwarmLeave" ? "This node is not part of a swarm" : noSwarm);
  }
});

test("what does not exist is told truthfully", async () => {
  await using door = await openDoor();
  assert.deepEqual(JSON.parse((await ask(door.path, "GET", "/volumes")).body), { Volumes: [], Warnings: null });
  assert.equal((await ask(door.path, "GET", "/plugins")).body, "[]\n");
  assert.equal(message(await ask(door.path, "GET", "/volumes/v")), "get v: no such volume");
  assert.equal(message(await ask(door.path, "GET", "/plugins/a/b/json")), 'plugin "a/b" not found');
  const pull = await ask(door.path, "POST", "/images/create?fromImage=x&tag=1");
  assert.equal(pull.status, 501);
  assert.match(String(message(pull)), /^ImageCreate from a registry \(pull\) is not implemented by Escale yet$/);
});
