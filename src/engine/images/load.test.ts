import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { configOf, imageArchive, sha256, tarOf } from "../../../test/kit/archives.ts";
import { ImageWorld, said } from "../../../test/kit/image-world.ts";
import type { ProgressMessage } from "../../wire/docker/images.ts";

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

test("a saved image is loaded, found in every way, and known after a restart", async () => {
  assert.deepEqual(said(await world.load(imageArchive(two))), [
    "Loaded image: app:1\n",
    "Loaded image: local.test/me/app:1\n",
  ]);
  await world.records[Symbol.asyncDispose]();
  await world.open();
  await world.images.reconcile();
  const digits = id.slice(7);
  for (const name of [
    "app:1",
    "docker.io/library/app:1",
    "local.test/me/app:1",
    id,
    digits,
    digits.slice(0, 5),
    `sha256:${digits.slice(0, 9)}`,
  ]) {
    const image = world.images.resolve(name);
    assert.deepEqual([image.id, image.tags, image.layers.length], [id, ["app:1", "local.test/me/app:1"], 2]);
  }
  const inspected = await world.images.inspect("app:1");
  assert.deepEqual(inspected.RootFS, { Type: "layers", Layers: [sha256(base), sha256(top)] });
  assert.equal(inspected.Size, 7);
  assert.equal(readFileSync(join(inspected.GraphDriver.Data!.UpperDir!, "y"), "utf8"), "yy");
  assert.ok(inspected.GraphDriver.Data!.LowerDir!.startsWith(world.dataRoot));
  assert.deepEqual(inspected.Config, {
    Cmd: ["sh"],
    Entrypoint: null,
    Env: null,
    Labels: null,
    OnBuild: null,
    User: "",
    Volumes: null,
    WorkingDir: "",
  });
});

test("what is not there or no name is told as Docker tells it", () => {
  const zeros = "0".repeat(64);
  const wrong: [string, string, string][] = [
    ["nope", "not-found", "No such image: nope:latest"],
    ["nope:x", "not-found", "No such image: nope:x"],
    ["sha256:abc", "not-found", "No such image: sha256:abc"],
    [zeros, "not-found", `No such image: sha256:${zeros}`],
    [`nope@sha256:${zeros}`, "not-found", `No such image: nope@sha256:${zeros}`],
    ["BAD", "invalid", "invalid reference format: repository name (library/BAD) must be lowercase"],
    ["a:b:c", "invalid", "invalid reference format"],
  ];
  for (const [name, kind, message] of wrong) assert.throws(() => world.images.resolve(name), { kind, message });
});

test("compressed archives, compressed layers, links between layers", async () => {
  const plain = imageArchive(two);
  const xz = execFileSync("xz", ["-c"], { input: plain });
  const config = configOf({ layers: [base, base] });
  const linked = tarOf([
    { name: "b/", type: "5" },
    { name: "a/layer.tar", data: gzipSync(base) },
    { name: "b/layer.tar", type: "2", linkName: "../a/layer.tar" },
    { name: "c.json", data: config },
    {
      name: "manifest.json",
      data: JSON.stringify([{ Config: "c.json", RepoTags: null, Layers: ["a/layer.tar", "b/layer.tar"] }]),
    },
  ]);
  for (const archive of [gzipSync(plain), zstdCompressSync(plain), xz]) {
    assert.equal(said(await world.load(archive))[0], "Loaded image: app:1\n");
  }
  assert.deepEqual(said(await world.load(linked)), [`Loaded image ID: ${sha256(config)}\n`]);
  assert.equal(readdirSync(world.layers.folder).length, 2);
});

test("an OCI layout: of several platforms this one's is taken", async () => {
  const blobs: { name: string; data: string | Buffer }[] = [];
  const blob = (mediaType: string, data: string | Buffer): { mediaType: string; digest: string; size: number } => {
    blobs.push({ name: `blobs/${sha256(data).replace(":", "/")}`, data });
    return { mediaType, digest: sha256(data), size: data.length };
  };
  const manifest = (architecture: string): object => ({
    ...blob(
      "application/vnd.oci.image.manifest.v1+json",
      JSON.stringify({
        schemaVersion: 2,
        config: blob(
          "application/vnd.oci.image.config.v1+json",
          configOf({ layers: [base], config: { architecture } }),
        ),
        layers: [blob("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(base))],
      }),
    ),
    platform: { os: "linux", architecture },
  });
  const ours = process.arch === "x64" ? "amd64" : process.arch;
  const attestation = { ...manifest("unknown"), platform: { os: "unknown", architecture: "unknown" } };
  const platforms = { schemaVersion: 2, manifests: [manifest("s390x"), attestation, manifest(ours)] };
  const index = {
    ...blob("application/vnd.oci.image.index.v1+json", JSON.stringify(platforms)),
    annotations: { "io.containerd.image.name": "docker.io/library/multi:1" },
  };
  const layout = (manifests: object[]): Buffer =>
    tarOf([
      ...new Map(blobs.map((one) => [one.name, one])).values(),
      { name: "index.json", data: JSON.stringify({ schemaVersion: 2, manifests }) },
      { name: "oci-layout", data: '{"imageLayoutVersion":"1.0.0"}' },
    ]);
  assert.deepEqual(said(await world.load(layout([index]))), ["Loaded image: multi:1\n"]);
  assert.equal((await world.images.inspect("multi:1")).Architecture, ours);
  assert.match(said(await world.load(layout(platforms.manifests)))[0]!, /^Loaded image ID: /);
  const other = { ...manifest("s390x"), annotations: { "org.opencontainers.image.ref.name": "other:2" } };
  assert.deepEqual(said(await world.load(layout([other]))), ["Loaded image: other:2\n"]);
});

test("progress, and the renaming of an image whose tag is taken", async () => {
  const big = tarOf([{ name: "big", data: Buffer.alloc(2_000_000, "x") }]);
  const messages = await world.load(imageArchive({ layers: [big], tags: ["app:1"] }), false);
  const total = big.length;
  assert.deepEqual(messages.at(-2), {
    status: "Loading layer",
    id: "l0",
    progressDetail: { current: total, total },
    progress: `[${"=".repeat(50)}>]  2.002MB/2.002MB`,
  });
  assert.ok(messages.length >= 4);
  const before = world.images.resolve("app:1").id;
  assert.deepEqual(said(await world.load(imageArchive(two))), [
    `The image app:1 already exists, renaming the old one with ID ${before} to empty string\n`,
    "Loaded image: app:1\n",
    "Loaded image: local.test/me/app:1\n",
  ]);
  assert.deepEqual(world.images.resolve(before).tags, []);
});

const plain = imageArchive(two);
const bad: [string, Buffer, string | RegExp][] = [
  ["garbage", Buffer.from("garbage".repeat(1000)), "archive/tar: invalid tar header"],
  ["cut in a layer", plain.subarray(0, 1800), "unexpected EOF"],
  ["cut in its compression", gzipSync(plain).subarray(0, 200), "unexpected EOF"],
  ["empty", Buffer.alloc(0), "open repositories: no such file or directory"],
  ["no image", base, "open repositories: no such file or directory"],
  [
    "a layer of garbage",
    imageArchive({ layers: [base, Buffer.from("no tar".repeat(500))] }),
    "archive/tar: invalid tar header",
  ],
  ["a cut layer", imageArchive({ layers: [base.subarray(0, 1100)] }), "unexpected EOF"],
  [
    "a layer that leads outside",
    imageArchive({ layers: [base, tarOf([{ name: "../../x", data: "x" }])] }),
    'invalid entry name "../../x"',
  ],
  [
    "another layer than the config says",
    imageArchive({ ...two, diffIds: [sha256(base), sha256(base)] }),
    `invalid diffID for layer 1: expected "${sha256(base)}", got "${sha256(top)}"`,
  ],
  [
    "fewer layers than the config says",
    imageArchive({ layers: [base], diffIds: [sha256(base), sha256(top)] }),
    "invalid manifest, layers length mismatch: expected 1, got 2",
  ],
  ["for Windows", imageArchive({ ...two, config: { os: "windows" } }), "cannot load windows image on linux"],
  [
    "a bad tag",
    imageArchive({ ...two, tags: ["good:1", "BAD/Name:x"] }),
    "invalid reference format: repository name (Name) must be lowercase",
  ],
  [
    "a manifest of another type",
    tarOf([{ name: "manifest.json", data: '{"a":1}' }]),
    "json: cannot unmarshal object into Go value of type []tarexport.manifestItem",
  ],
  ["a manifest that is no JSON", tarOf([{ name: "manifest.json", data: "[" }]), /^invalid manifest.json: /],
  [
    "a missing config",
    tarOf([{ name: "manifest.json", data: '[{"Config":"../../etc/passwd","Layers":[]}]' }]),
    "open ../../etc/passwd: no such file or directory",
  ],
];

for (const [what, archive, message] of bad) {
  test(`bad archive: ${what}`, async () => {
    const [last, ...others] = (await world.load(archive)).reverse();
    assert.deepEqual(others, []);
    assert.equal(last!.error, last!.errorDetail?.message);
    if (typeof message === "string") assert.equal(last!.error, message);
    else assert.match(last!.error!, message);
    assert.deepEqual([await world.tags(), world.leftovers(), world.events], [[], [], []]);
  });
}

test("a client that leaves, or a signal, ends the load and leaves nothing", async () => {
  const endless = (): Readable =>
    Readable.from(
      (async function* () {
        yield plain.subarray(0, 1500);
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          yield Buffer.alloc(0);
        }
      })(),
    );
  const stop = AbortSignal.timeout(50);
  const messages: ProgressMessage[] = [];
  const source = endless();
  stop.addEventListener("abort", () => source.destroy());
  for await (const message of world.images.load(source, { quiet: true, signal: stop })) messages.push(message);
  assert.equal(messages.length, 1);
  assert.ok(messages[0]!.error);
  assert.deepEqual([await world.tags(), world.leftovers()], [[], []]);
});

test("a full disk", async () => {
  const small = join(world.dataRoot, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1500k", "tmpfs", small]);
  try {
    await world.records[Symbol.asyncDispose]();
    await world.open(small);
    const big = Buffer.alloc(3_000_000, "x");
    const [message] = await world.load(
      imageArchive({ layers: [tarOf([{ name: "big", data: big }])], tags: ["big:1"] }),
    );
    assert.match(message!.error!, /no space left on device$/);
    assert.deepEqual(
      [
        readdirSync(join(small, "layers")),
        readdirSync(join(small, "blobs/sha256")),
        readdirSync(join(small, "blobs/tmp")),
      ],
      [[], [], []],
    );
    assert.deepEqual(said(await world.load(imageArchive(two)))[0], "Loaded image: app:1\n");
  } finally {
    await world.records[Symbol.asyncDispose]();
    execFileSync("umount", [small]);
    await world.open();
  }
});
