import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { tarOf } from "../../../test/kit/archives.ts";
import { ImageWorld } from "../../../test/kit/image-world.ts";

const world = new ImageWorld();
beforeEach(() => world.begin());
afterEach(() => world.end());

const base = tarOf([
  { name: "etc/", type: "5", mode: 0o755 },
  { name: "etc/x", data: "hello" },
]);
test("bootstrap makes busybox from this machine's own, twice the same", async () => {
  const make = async (): Promise<string> => {
    for await (const message of world.images.bootstrap("busybox", {})) assert.ok(message.status);
    return world.images.resolve("busybox").id;
  };
  const made = await make();
  assert.equal(await make(), made);
  const image = world.images.resolve("busybox:latest");
  assert.deepEqual(image.config.config?.Cmd, ["sh"]);
  const root = world.layers.path(image.layers[0]!);
  assert.equal(
    execFileSync("chroot", [root, "sh", "-c", "id -un; ls -ld /tmp | cut -c1-10"], { encoding: "utf8" }),
    "root\ndrwxrwxrwt\n",
  );
  const nothing = async (): Promise<void> => {
    for await (const _ of world.images.bootstrap("windows", {}));
  };
  await assert.rejects(nothing(), { kind: "invalid", hint: "it can be busybox or debian:12" });
});

test("bootstrap takes Debian from the cache", async () => {
  mkdirSync(join(world.dataRoot, "cache"));
  writeFileSync(join(world.dataRoot, `cache/debian-bookworm-${process.arch}.tar`), base);
  for await (const _ of world.images.bootstrap("debian:12", {}));
  assert.deepEqual(world.images.resolve("debian:bookworm").tags, ["debian:12", "debian:bookworm"]);
});
