import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf, completeHostConfig, type HostConfigDefaults, mergeConfig } from "./container-config.ts";

const image = { Entrypoint: ["/entry"], Cmd: ["default"], Env: ["PATH=/bin", "A=image"], Labels: { from: "image" } };
const defaults: HostConfigDefaults = { logDriver: "json-file", logOptions: {}, cgroupnsMode: "private" };

const words = (request: Parameters<typeof mergeConfig>[0]): string[] => {
  const { path, args } = commandOf(mergeConfig(request, image, "host"));
  return [path, ...args];
};

test("entry point and command come from the image only where the request has neither", () => {
  assert.deepEqual(words({}), ["/entry", "default"]);
  assert.deepEqual(words({ Cmd: ["mine"] }), ["/entry", "mine"]);
  assert.deepEqual(words({ Entrypoint: ["/mine"] }), ["/mine"]);
  assert.deepEqual(words({ Entrypoint: [""], Cmd: ["sh"] }), ["sh"]);
  assert.throws(() => mergeConfig({}, {}, "host"), /no command specified/);
});

test("the request's variables come first and win over the image's", () => {
  assert.deepEqual(mergeConfig({ Env: ["A=mine", "B=2"] }, image, "host").Env, ["A=mine", "B=2", "PATH=/bin"]);
  assert.deepEqual(mergeConfig({}, image, "host").Env, ["PATH=/bin", "A=image"]);
  assert.equal(mergeConfig({ Cmd: ["x"] }, {}, "host").Env, null);
});

test("labels and exposed ports are merged", () => {
  const config = mergeConfig({ Labels: { own: "1" }, ExposedPorts: { "80/tcp": {} } }, image, "host");
  assert.deepEqual(config.Labels, { from: "image", own: "1" });
  assert.deepEqual(config.ExposedPorts, { "80/tcp": {} });
});

test("a host config is completed as inspect shows it", () => {
  const host = completeHostConfig({ Memory: 64 << 20 }, defaults);
  assert.equal(host.NetworkMode, "bridge");
  assert.equal(host.MemorySwap, 128 << 20);
  assert.equal(host.ShmSize, 64 << 20);
  assert.equal(host.CgroupnsMode, "private");
  assert.ok(host.MaskedPaths?.includes("/proc/kcore"));
});

test("a privileged container has nothing masked", () => {
  const host = completeHostConfig({ Privileged: true }, defaults);
  assert.deepEqual([host.MaskedPaths, host.ReadonlyPaths], [null, null]);
});
