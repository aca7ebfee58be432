import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { configOf, imageArchive, sha256, tarOf } from "../../../test/kit/archives.ts";
import { ImageWorld } from "../../../test/kit/image-world.ts";

const world = new ImageWorld();
beforeEach(() => world.begin());
afterEach(() => world.end());

const base = tarOf([
  { name: "etc/", type: "5", mode: 0o755 },
  { name: "etc/x", data: "hello" },
]);
const top = tarOf([{ name: "etc/.wh.x" }, { name: "y", data: "yy" }]);
const two = { layers: [base, top], tags: ["app:1", "local.test/me/app:1"] };
const id = sha256(configOf(two));

const plain = imageArchive(two);

const plainRemove = { force: false, prune: true };
const force = { force: true, prune: true };

test("remove: untagged until the last name, then deleted with its layers", async () => {
  await world.load(plain);
  assert.deepEqual(await world.images.remove("app:1", plainRemove), [{ Untagged: "app:1" }]);
  assert.deepEqual(await world.images.remove("local.test/me/app:1", plainRemove), [
    { Untagged: "local.test/me/app:1" },
    { Deleted: id },
    { Deleted: sha256(`${sha256(base)} ${sha256(top)}`) },
    { Deleted: sha256(base) },
  ]);
  assert.deepEqual(world.leftovers(), []);
  assert.deepEqual(world.events.slice(-3), [`untag ${id}`, `untag ${id}`, `delete ${id}`]);
  await assert.rejects(world.images.remove(id, plainRemove), { kind: "not-found" });
});

test("remove by id: several names need force; layers of others stay", async () => {
  await world.load(plain);
  await world.load(imageArchive({ layers: [base], tags: ["base:1"] }));
  await assert.rejects(world.images.remove(id.slice(7, 19), plainRemove), {
    kind: "conflict",
    message: `conflict: unable to delete ${id.slice(7, 19)} (must be forced) - image is referenced in multiple repositories`,
  });
  assert.deepEqual(await world.images.remove(id, force), [
    { Untagged: "app:1" },
    { Untagged: "local.test/me/app:1" },
    { Deleted: id },
    { Deleted: sha256(`${sha256(base)} ${sha256(top)}`) },
  ]);
  assert.equal((await world.images.inspect("base:1")).Size, 5);
});

test("remove what containers use: Docker's conflicts", async () => {
  await world.load(imageArchive({ layers: [base], tags: ["base:1"] }));
  const image = world.images.resolve("base:1").id;
  const short = image.slice(7, 19);
  const container = "c".repeat(64);
  world.users = [{ id: container, running: false, image }];
  await assert.rejects(world.images.remove("base:1", plainRemove), {
    kind: "conflict",
    message: `conflict: unable to remove repository reference "base:1" (must force) - container ${"c".repeat(12)} is using its referenced image ${short}`,
  });
  await assert.rejects(world.images.remove(short, plainRemove), {
    message: `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${"c".repeat(12)}`,
  });
  world.users = [{ id: container, running: true, image }];
  await assert.rejects(world.images.remove(short, force), {
    message: `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container ${"c".repeat(12)}`,
  });
  assert.deepEqual(await world.images.remove("base:1", force), [{ Untagged: "base:1" }]);
  assert.deepEqual(world.images.resolve(short).tags, []);
  world.users = [];
  world.records.update((tx) => world.layers.own(tx, "snapshot:x", world.images.resolve(short).layers));
  assert.deepEqual(await world.images.remove(short, plainRemove), [{ Deleted: image }]);
  assert.equal(readdirSync(world.layers.folder).length, 1);
});
