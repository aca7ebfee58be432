import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { pieces, sha256, tarOf } from "../../../test/kit/archives.ts";
import { openLogger } from "../../base/logger.ts";
import { unmountOverlay } from "../../host/overlay.ts";
import { type Blobs, openBlobs } from "../../storage/blobs/index.ts";
import { openRecords, type Records } from "../../storage/records/index.ts";
import { type Layers, openLayers } from "./layer-store.ts";
import type { Snapshots } from "./layers.ts";
import { openSnapshots } from "./snapshots.ts";

const log = openLogger("error", () => {});
let dataRoot = "";
let records: Records;
let blobs: Blobs;
let layers: Layers;
let snapshots: Snapshots;

async function open(): Promise<void> {
  records = openRecords(join(dataRoot, "escale.db"), { log });
  blobs = await openBlobs(join(dataRoot, "blobs"));
  layers = await openLayers({ records, blobs, dataRoot, log });
  snapshots = await openSnapshots({ records, layers, dataRoot, execRoot: join(dataRoot, "run"), log });
}

async function reopen(): Promise<void> {
  await records[Symbol.asyncDispose]();
  await open();
}

beforeEach(async () => {
  dataRoot = mkdtempSync(join(tmpdir(), "escale-layers-"));
  await open();
});
afterEach(async () => {
  for (const id of readdirSync(join(dataRoot, "run/mounts"))) await unmountOverlay(join(dataRoot, "run/mounts", id));
  await records[Symbol.asyncDispose]();
  rmSync(dataRoot, { recursive: true, force: true });
});

const folders = (): string[] => readdirSync(layers.folder).filter((name) => !name.startsWith("init-"));
const archives = (): string[] => readdirSync(join(dataRoot, "blobs/sha256"));

const base = tarOf([
  { name: "etc/", type: "5", mode: 0o755 },
  { name: "etc/hosts", data: "image\n" },
  { name: "f", data: "hello" },
]);
const top = tarOf([
  { name: "./", type: "5", mode: 0o711, uid: 5, gid: 6 },
  { name: ".wh.f" },
  { name: "g", data: "top" },
]);

async function ingest(archive: Buffer, owner?: string): Promise<string> {
  const held = await layers.ingest(pieces(archive));
  if (owner !== undefined) records.update((tx) => layers.own(tx, owner, [held.layer.id]));
  await held.release();
  return held.layer.id;
}

test("a layer is unpacked once, compressed or not, and its archive kept as it was", async () => {
  const first = await layers.ingest(pieces(base));
  const second = await layers.ingest(pieces(gzipSync(base)));
  assert.deepEqual([first.isKnown, second.isKnown], [false, true]);
  assert.equal(second.layer, first.layer);
  assert.deepEqual([first.layer.diffId, first.layer.size], [sha256(base), 11]);
  assert.deepEqual(readFileSync(blobs.path(first.layer.diffId)), base);
  assert.equal(statSync(layers.path(first.layer.id)).mode & 0o777, 0o755);
  assert.deepEqual(folders(), [first.layer.id]);
  await first.release();
  assert.equal(folders().length, 1);
  await second.release();
  await second.release();
  assert.deepEqual([folders(), archives()], [[], []]);
});

test("many at once with a known digest: one unpacks, all hold the same", async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => layers.ingest(pieces(base), { diffId: sha256(base) })));
  assert.equal(new Set(all.map((held) => held.layer.id)).size, 1);
  assert.equal(all.filter((held) => !held.isKnown).length, 1);
  assert.equal(folders().length, 1);
  const mixed = await Promise.all([1, 2, 3].map(() => layers.ingest(pieces(top))));
  assert.equal(new Set(mixed.map((held) => held.layer.id)).size, 1);
  for (const held of [...all, ...mixed]) await held.release();
  assert.deepEqual([folders(), archives()], [[], []]);
});

test("letting go and taking in again at once never loses the archive", async () => {
  for (let round = 0; round < 10; round++) {
    const held = await layers.ingest(pieces(base, 5000));
    const [, again] = await Promise.all([held.release(), layers.ingest(pieces(base, 5000))]);
    assert.ok(existsSync(layers.path(again.layer.id)) && blobs.has(again.layer.diffId));
    await again.release();
  }
  assert.deepEqual([folders(), archives()], [[], []]);
});

test("a bad archive leaves nothing", async () => {
  await assert.rejects(layers.ingest(pieces(base.subarray(0, 900))), { message: "unexpected EOF" });
  await assert.rejects(layers.ingest(pieces(gzipSync(base).subarray(0, 60))), { message: "unexpected EOF" });
  assert.deepEqual([folders(), archives(), readdirSync(join(dataRoot, "blobs/tmp"))], [[], [], []]);
});

test("owners keep layers over a restart; reconcile sweeps what is half made", async () => {
  const id = await ingest(base, "image:x");
  mkdirSync(join(layers.folder, "tmp-dead/fs"), { recursive: true });
  writeFileSync(join(dataRoot, "blobs/tmp/dead"), "x");
  await blobs.put([Buffer.from("nobody's")]);
  await reopen();
  await layers.reconcile();
  assert.deepEqual(folders(), [id]);
  assert.equal(archives().length, 1);
  assert.equal(layers.find(sha256(base))?.id, id);
  records.update((tx) => layers.disown(tx, "image:x"));
  await layers.collect();
  assert.deepEqual([folders(), archives()], [[], []]);
});

test("a snapshot shows its layers, keeps its changes, and holds the layers", async () => {
  const chain = [await ingest(base, "a"), await ingest(top, "b")];
  const made = await snapshots.create("c1", chain);
  assert.deepEqual(await snapshots.mount("c1", { isVolatile: false }), made);
  await snapshots.mount("c1", { isVolatile: false });
  const root = statSync(made.mountPoint);
  assert.deepEqual([root.mode & 0o7777, root.uid, root.gid], [0o711, 5, 6]);
  const names = readdirSync(made.mountPoint).sort();
  assert.deepEqual(names, [".dockerenv", "dev", "etc", "g", "proc", "sys"]);
  assert.equal(readFileSync(join(made.mountPoint, "etc/hosts"), "utf8"), "image\n");
  assert.equal(readFileSync(join(made.mountPoint, "etc/resolv.conf"), "utf8"), "");
  assert.ok(lstatSync(join(made.mountPoint, "etc/mtab")).isSymbolicLink());
  assert.deepEqual(readdirSync(made.upperDir), []);
  writeFileSync(join(made.mountPoint, "new"), "12345");
  assert.equal(await snapshots.size("c1"), 5);
  assert.equal(await snapshots.virtualSize("c1"), 5 + 11 + 3);
  records.update((tx) => {
    layers.disown(tx, "a");
    layers.disown(tx, "b");
  });
  await layers.collect();
  assert.equal(folders().length, 2);
  await snapshots.unmount("c1");
  await snapshots.mount("c1", { isVolatile: true });
  assert.equal(readFileSync(join(made.mountPoint, "new"), "utf8"), "12345");
  await snapshots.remove("c1");
  await snapshots.remove("c1");
  assert.equal(snapshots.get("c1"), undefined);
  assert.deepEqual(
    [folders(), readdirSync(join(dataRoot, "snapshots")), readdirSync(join(dataRoot, "run/mounts"))],
    [[], [], []],
  );
});

test("a layer that comes twice in an image is mounted once", async () => {
  const [one, two] = [await ingest(base, "a"), await ingest(top, "b")];
  const { mountPoint } = await snapshots.create("c1", [one, two, one]);
  await snapshots.mount("c1", { isVolatile: false });
  assert.equal(readFileSync(join(mountPoint, "f"), "utf8"), "hello");
  assert.equal(await snapshots.virtualSize("c1"), 11 + 3 + 11);
});

test("an init layer keeps the owners of the image's own folders, and is shared by those that lack the same", async () => {
  const odd = await ingest(tarOf([{ name: "etc/", type: "5", mode: 0o700, uid: 7 }]), "a");
  const plain = await ingest(tarOf([{ name: "x", data: "1" }]), "b");
  const other = await ingest(tarOf([{ name: "y", data: "1" }]), "c");
  const etc = async (id: string, layer: string): Promise<string> => {
    const { mountPoint, lowerDirs } = await snapshots.create(id, [layer]);
    await snapshots.mount(id, { isVolatile: true });
    const { mode, uid } = statSync(join(mountPoint, "etc"));
    assert.deepEqual([mode & 0o777, uid], id === "odd" ? [0o700, 7] : [0o755, 0]);
    return lowerDirs[0]!;
  };
  const inits = [await etc("odd", odd), await etc("plain", plain), await etc("other", other)];
  assert.equal(inits[1], inits[2]);
  assert.notEqual(inits[0], inits[1]);
});

test("errors: unknown layer, double id, unknown snapshot", async () => {
  await assert.rejects(snapshots.create("c", ["nothing"]), { kind: "not-found" });
  await snapshots.create("c", []);
  await assert.rejects(snapshots.create("c", []), { kind: "conflict" });
  await assert.rejects(snapshots.mount("d", { isVolatile: false }), { kind: "not-found" });
  await snapshots.unmount("d");
});

test("after a restart: known ones stay, the stopped are unmounted, the rest goes", async () => {
  const layer = await ingest(base, "a");
  for (const id of ["runs", "stopped", "unknown"]) {
    await snapshots.create(id, [layer]);
    await snapshots.mount(id, { isVolatile: false });
  }
  mkdirSync(join(dataRoot, "snapshots/half/upper"), { recursive: true });
  await reopen();
  await snapshots.reconcile(new Set(["runs", "stopped"]), new Set(["runs"]));
  assert.deepEqual(readdirSync(join(dataRoot, "snapshots")).sort(), ["runs", "stopped"]);
  assert.ok(existsSync(join(snapshots.get("runs")!.mountPoint, "f")));
  assert.ok(!existsSync(join(snapshots.get("stopped")!.mountPoint, "f")));
  assert.equal(snapshots.get("unknown"), undefined);
});
