import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { configOf, imageArchive, sha256, tarOf } from "../../../test/kit/archives.ts";
import { ImageWorld, said } from "../../../test/kit/image-world.ts";

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
const force = { force: true, prune: true };

async function saved(names: string[]): Promise<Buffer> {
  return Buffer.concat(await (await world.images.save(names)).toArray());
}

test("save gives back the same bytes, in both formats, and GNU tar reads it", async () => {
  await world.load(plain);
  await world.load(imageArchive({ layers: [base], tags: ["app:2"] }));
  const archive = await saved(["app"]);
  const into = join(world.dataRoot, "saved");
  mkdirSync(into);
  execFileSync("tar", ["-xf", "-", "-C", into], { input: archive });
  const json = (name: string): unknown => JSON.parse(readFileSync(join(into, name), "utf8"));
  const items = json("manifest.json") as { Config: string; RepoTags: string[]; Layers: string[] }[];
  assert.deepEqual(
    items.map((item) => item.RepoTags),
    [["app:1"], ["app:2"]],
  );
  assert.equal(sha256(readFileSync(join(into, items[0]!.Config))), id);
  assert.deepEqual(readFileSync(join(into, items[0]!.Layers[1]!)), top);
  assert.deepEqual(json("repositories"), { app: { 1: sha256(top).slice(7), 2: sha256(base).slice(7) } });
  const index = json("index.json") as { manifests: { digest: string; annotations: Record<string, string> }[] };
  assert.equal(index.manifests[0]!.annotations["io.containerd.image.name"], "docker.io/library/app:1");
  for (const file of readdirSync(join(into, "blobs/sha256"))) {
    assert.equal(sha256(readFileSync(join(into, "blobs/sha256", file))), `sha256:${file}`);
  }
  await world.images.remove(id, force);
  await world.images.remove("app:2", force);
  assert.deepEqual(said(await world.load(archive)), ["Loaded image: app:1\n", "Loaded image: app:2\n"]);
  assert.deepEqual(await saved(["app"]), archive);
  const byId = await saved([id.slice(0, 15)]);
  await world.images.remove(id, force);
  assert.deepEqual(said(await world.load(byId)), [`Loaded image ID: ${id}\n`]);
  await assert.rejects(saved(["nope"]), { kind: "not-found", message: "No such image: nope" });
});

test("an archive without manifest.json is read as the layout that it is too", async () => {
  await world.load(plain);
  const into = join(world.dataRoot, "saved");
  mkdirSync(into);
  execFileSync("tar", ["-xf", "-", "-C", into], { input: await saved(["app:1"]) });
  for (const name of ["manifest.json", "repositories"]) rmSync(join(into, name));
  await world.images.remove(id, force);
  const layout = execFileSync("tar", ["-cf", "-", "-C", into, "."]);
  assert.deepEqual(said(await world.load(layout)), ["Loaded image: app:1\n"]);
  assert.equal(world.images.resolve("app:1").id, id);
});
