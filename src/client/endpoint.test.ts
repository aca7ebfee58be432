import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { contextName, readConfig, resolveEndpoint } from "./contexts.ts";
import { defaultAddress, parseEndpoint } from "./endpoint.ts";
import { imageReferenceText, parseImageReference, withDefaultTag } from "./image-reference.ts";

test("addresses", () => {
  assert.deepEqual(parseEndpoint("unix:///x/y.sock"), { kind: "unix", address: "unix:///x/y.sock", path: "/x/y.sock" });
  assert.equal(parseEndpoint("").address, defaultAddress);
  assert.equal(parseEndpoint("unix://").address, defaultAddress);
  const tcp = (text: string): unknown => {
    const endpoint = parseEndpoint(text);
    return endpoint.kind === "tcp" ? [endpoint.host, endpoint.port, endpoint.prefix, endpoint.address] : undefined;
  };
  assert.deepEqual(tcp("tcp://host:1234/p/"), ["host", 1234, "/p", "tcp://host:1234/p"]);
  assert.deepEqual(tcp("host"), ["host", 2375, "", "tcp://host:2375"]);
  assert.deepEqual(tcp("tcp://[::1]:5"), ["::1", 5, "", "tcp://[::1]:5"]);
  assert.throws(() => parseEndpoint("ssh://x"), { kind: "unsupported" });
  assert.throws(() => parseEndpoint("npipe:////./x"), { message: "invalid bind address format: npipe:////./x" });
});

test("the daemon is chosen by option, environment, context and default, in this order", async () => {
  const dir = await mkdtemp(join(tmpdir(), "escale-contexts-"));
  try {
    const meta = join(dir, "contexts/meta", createHash("sha256").update("far").digest("hex"));
    await mkdir(meta, { recursive: true });
    await writeFile(
      join(meta, "meta.json"),
      JSON.stringify({ Name: "far", Endpoints: { docker: { Host: "tcp://far:1" } } }),
    );
    await writeFile(join(dir, "config.json"), JSON.stringify({ currentContext: "far", psFormat: "x" }));
    const config = readConfig(dir, () => assert.fail("no warning is due"));
    assert.equal(config.psFormat, "x");
    const address = async (choice: object): Promise<string> =>
      (await resolveEndpoint({ env: {}, configDir: dir, config: {}, ...choice })).address;
    assert.equal(await address({}), defaultAddress);
    assert.equal(await address({ config }), "tcp://far:1");
    assert.equal(await address({ config, env: { DOCKER_CONTEXT: "default" } }), defaultAddress);
    assert.equal(await address({ config, env: { DOCKER_HOST: "unix:///d" } }), "unix:///d");
    assert.equal(await address({ config, env: { DOCKER_HOST: "unix:///d", ESCALE_HOST: "unix:///e" } }), "unix:///e");
    assert.equal(await address({ env: { DOCKER_HOST: "unix:///d" }, context: "far" }), "tcp://far:1");
    assert.equal(await address({ env: { DOCKER_HOST: "unix:///d" }, host: "unix:///h" }), "unix:///h");
    await assert.rejects(address({ context: "nosuch" }), { message: /context "nosuch": context not found/ });
    assert.equal(contextName({ env: {}, configDir: dir, config }), "far");
    await writeFile(join(dir, "config.json"), "{");
    const warnings: string[] = [];
    assert.deepEqual(
      readConfig(dir, (text) => warnings.push(text)),
      {},
    );
    assert.equal(warnings.length, 1);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("names of images", () => {
  assert.deepEqual(parseImageReference("busybox"), { name: "busybox" });
  assert.deepEqual(parseImageReference("library/busybox:1"), { name: "busybox", tag: "1" });
  assert.deepEqual(parseImageReference("host.test:5000/a/b:1.2"), { name: "host.test:5000/a/b", tag: "1.2" });
  const digest = `sha256:${"a".repeat(64)}`;
  assert.deepEqual(parseImageReference(`a@${digest}`), { name: "a", digest });
  assert.equal(parseImageReference("f".repeat(64)), undefined);
  assert.equal(imageReferenceText(withDefaultTag({ name: "a" })), "a:latest");
  assert.equal(imageReferenceText(withDefaultTag({ name: "a", digest })), `a@${digest}`);
  for (const text of ["", "a..b", "a:b:c", "-a", "a/"]) {
    assert.throws(() => parseImageReference(text), { message: "invalid reference format" }, text);
  }
  assert.throws(() => parseImageReference("A"), {
    message: "invalid reference format: repository name (library/A) must be lowercase",
  });
});
