import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { configOf, imageArchive, pieces, sha256, tarOf } from "../../../test/kit/archives.ts";
import { openLogger } from "../../base/logger.ts";
import { openBlobs } from "../../storage/blobs/index.ts";
import { openRecords, type Records } from "../../storage/records/index.ts";
import type { ProgressMessage } from "../../wire/docker/images.ts";
import { type Layers, openLayers } from "../layers/index.ts";
import type { Images } from "./images.ts";
import { openImages } from "./open.ts";

const log = openLogger("error", () => {});
let dataRoot = "";
let records: Records;
let layers: Layers;
let images: Images;
let events: string[] = [];
let users: { id: string; running: boolean; image: string }[] = [];

async function open(root = dataRoot): Promise<void> {
  records = openRecords(join(root, "escale.db"), { log });
  const blobs = await openBlobs(join(root, "blobs"));
  layers = await openLayers({ records, blobs, dataRoot: root, log });
  images = await openImages({
    records,
    blobs,
    layers,
    cacheFolder: join(root, "cache"),
    usedBy: (id) => users.filter((user) => user.image === id),
    onEvent: (action, _, { name }) => events.push(`${action} ${name}`),
    log,
  });
}

beforeEach(async () => {
  dataRoot = mkdtempSync(join(tmpdir(), "escale-images-"));
  events = [];
  users = [];
  await open();
});
afterEach(async () => {
  await records[Symbol.asyncDispose]();
  rmSync(dataRoot, { recursive: true, force: true });
});

async function load(archive: Buffer, quiet = true): Promise<ProgressMessage[]> {
  const messages: ProgressMessage[] = [];
  for await (const message of images.load(Readable.from(pieces(archive, 4096)), { quiet })) messages.push(message);
  return messages;
}

const said = (messages: readonly ProgressMessage[]): (string | undefined)[] =>
  messages.map((message) => message.stream ?? message.error);
const leftovers = (): string[] =>
  ["layers", "blobs/sha256", "blobs/tmp"].flatMap((folder) => readdirSync(join(dataRoot, folder)));
const tags = async (filters = {}): Promise<string[][]> =>
  (await images.list({ all: false, filters, sharedSize: false })).map((image) => image.RepoTags);

const base = tarOf([
  { name: "etc/", type: "5", mode: 0o755 },
  { name: "etc/x", data: "hello" },
]);
const top = tarOf([{ name: "etc/.wh.x" }, { name: "y", data: "yy" }]);
const two = { layers: [base, top], tags: ["app:1", "local.test/me/app:1"] };
const id = sha256(configOf(two));

test("a saved image is loaded, found in every way, and known after a restart", async () => {
  assert.deepEqual(said(await load(imageArchive(two))), [
    "Loaded image: app:1\n",
    "Loaded image: local.test/me/app:1\n",
  ]);
  await records[Symbol.asyncDispose]();
  await open();
  await images.reconcile();
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
    const image = images.resolve(name);
    assert.deepEqual([image.id, image.tags, image.layers.length], [id, ["app:1", "local.test/me/app:1"], 2]);
  }
  const inspected = await images.inspect("app:1");
  assert.deepEqual(inspected.RootFS, { Type: "layers", Layers: [sha256(base), sha256(top)] });
  assert.equal(inspected.Size, 7);
  assert.equal(readFileSync(join(inspected.GraphDriver.Data!.UpperDir!, "y"), "utf8"), "yy");
  assert.ok(inspected.GraphDriver.Data!.LowerDir!.startsWith(dataRoot));
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
  for (const [name, kind, message] of wrong) assert.throws(() => images.resolve(name), { kind, message });
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
    assert.equal(said(await load(archive))[0], "Loaded image: app:1\n");
  }
  assert.deepEqual(said(await load(linked)), [`Loaded image ID: ${sha256(config)}\n`]);
  assert.equal(readdirSync(layers.folder).length, 2);
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
  assert.deepEqual(said(await load(layout([index]))), ["Loaded image: multi:1\n"]);
  assert.equal((await images.inspect("multi:1")).Architecture, ours);
  assert.match(said(await load(layout(platforms.manifests)))[0]!, /^Loaded image ID: /);
  const other = { ...manifest("s390x"), annotations: { "org.opencontainers.image.ref.name": "other:2" } };
  assert.deepEqual(said(await load(layout([other]))), ["Loaded image: other:2\n"]);
});

test("progress, and the renaming of an image whose tag is taken", async () => {
  const big = tarOf([{ name: "big", data: Buffer.alloc(2_000_000, "x") }]);
  const messages = await load(imageArchive({ layers: [big], tags: ["app:1"] }), false);
  const total = big.length;
  assert.deepEqual(messages.at(-2), {
    status: "Loading layer",
    id: "l0",
    progressDetail: { current: total, total },
    progress: `[${"=".repeat(50)}>]  2.002MB/2.002MB`,
  });
  assert.ok(messages.length >= 4);
  const before = images.resolve("app:1").id;
  assert.deepEqual(said(await load(imageArchive(two))), [
    `The image app:1 already exists, renaming the old one with ID ${before} to empty string\n`,
    "Loaded image: app:1\n",
    "Loaded image: local.test/me/app:1\n",
  ]);
  assert.deepEqual(images.resolve(before).tags, []);
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
    const [last, ...others] = (await load(archive)).reverse();
    assert.deepEqual(others, []);
    assert.equal(last!.error, last!.errorDetail?.message);
    if (typeof message === "string") assert.equal(last!.error, message);
    else assert.match(last!.error!, message);
    assert.deepEqual([await tags(), leftovers(), events], [[], [], []]);
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
  for await (const message of images.load(source, { quiet: true, signal: stop })) messages.push(message);
  assert.equal(messages.length, 1);
  assert.ok(messages[0]!.error);
  assert.deepEqual([await tags(), leftovers()], [[], []]);
});

test("a full disk", async () => {
  const small = join(dataRoot, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1500k", "tmpfs", small]);
  try {
    await records[Symbol.asyncDispose]();
    await open(small);
    const big = Buffer.alloc(3_000_000, "x");
    const [message] = await load(imageArchive({ layers: [tarOf([{ name: "big", data: big }])], tags: ["big:1"] }));
    assert.match(message!.error!, /no space left on device$/);
    assert.deepEqual(
      [
        readdirSync(join(small, "layers")),
        readdirSync(join(small, "blobs/sha256")),
        readdirSync(join(small, "blobs/tmp")),
      ],
      [[], [], []],
    );
    assert.deepEqual(said(await load(imageArchive(two)))[0], "Loaded image: app:1\n");
  } finally {
    await records[Symbol.asyncDispose]();
    execFileSync("umount", [small]);
    await open();
  }
});

test("import makes an image of one layer, with changes", async () => {
  const options = { repository: "made", tag: "1", message: "by hand", changes: ['CMD ["sh"]', "ENV A=b", "LABEL l=1"] };
  const made = await images.importArchive(Readable.from(pieces(gzipSync(base))), options);
  const inspected = await images.inspect("made:1");
  assert.equal(inspected.Id, made);
  assert.equal(inspected.Comment, "by hand");
  assert.deepEqual(
    [inspected.Config?.Cmd, inspected.Config?.Env, inspected.Config?.Labels],
    [["sh"], ["A=b"], { l: "1" }],
  );
  assert.deepEqual(events, ["tag made:1", `import ${made}`]);
  const [entry] = images.history("made:1");
  assert.deepEqual([entry!.Id, entry!.Size, entry!.Comment, entry!.Tags], [made, 5, "by hand", ["made:1"]]);
  const nameless = await images.importArchive(Readable.from(pieces(base)), { platform: "linux/arm64/v8" });
  const { Architecture, Variant, Comment, RepoTags } = await images.inspect(nameless);
  assert.deepEqual([Architecture, Variant, Comment, RepoTags], ["arm64", "v8", "Imported from -", []]);
});

test("a bad import leaves nothing", async () => {
  const attempts: [Buffer, object, string][] = [
    [Buffer.from("garbage".repeat(200)), {}, "archive/tar: invalid tar header"],
    [base.subarray(0, 1100), {}, "unexpected EOF"],
    [base, { repository: "BAD" }, "invalid reference format: repository name (library/BAD) must be lowercase"],
    [base, { repository: "a", tag: "b@c" }, "invalid tag format"],
    [base, { changes: ["RUN x"] }, "RUN is not a valid change command"],
    [base, { platform: "foo" }, '"foo": unknown operating system or architecture: invalid argument'],
    [base, { platform: "windows/amd64" }, "operating system is not supported"],
  ];
  for (const [archive, options, message] of attempts) {
    await assert.rejects(images.importArchive(Readable.from(pieces(archive)), options), { kind: "invalid", message });
  }
  assert.deepEqual([await tags(), leftovers()], [[], []]);
});

test("list: order, names, sizes and filters", async () => {
  const make = async (name: string, created: string, Labels?: object): Promise<void> => {
    await load(
      imageArchive({ layers: [base], tags: name === "" ? [] : [name], config: { created, config: { Labels } } }),
    );
  };
  await make("old:1", "2020-01-01T00:00:00Z", { a: "1" });
  await make("mid:1", "2021-01-01T00:00:00Z", { a: "2" });
  await make("", "2022-01-01T00:00:00Z");
  await make("local.test/new/x:2", "2023-01-01T00:00:00Z");
  const all = [["local.test/new/x:2"], [], ["mid:1"], ["old:1"]];
  assert.deepEqual(await tags(), all);
  const cases: [object, string[][]][] = [
    [{ dangling: ["true"] }, [[]]],
    [{ dangling: ["false"] }, all.filter((names) => names.length > 0)],
    [{ label: ["a"] }, [["mid:1"], ["old:1"]]],
    [{ label: ["a=1"] }, [["old:1"]]],
    [{ "label!": ["a=1"] }, all.slice(0, 3)],
    [{ before: ["mid:1"] }, [["old:1"]]],
    [{ since: ["mid:1"] }, all.slice(0, 2)],
    [{ until: ["2021-06-01"] }, [["mid:1"], ["old:1"]]],
    [{ until: ["24h"] }, all],
    [{ reference: ["m*"] }, [["mid:1"]]],
    [{ reference: ["*/*/x", "old:?"] }, [["local.test/new/x:2"], ["old:1"]]],
  ];
  for (const [filters, wanted] of cases) assert.deepEqual(await tags(filters), wanted, JSON.stringify(filters));
  const wrong: [object, string][] = [
    [{ foo: ["x"] }, "invalid filter 'foo'"],
    [{ dangling: ["x"] }, "invalid filter 'dangling=[x]'"],
    [{ before: ["nope"] }, "No such image: nope:latest"],
    [{ until: ["x"] }, 'failed to parse value as time or duration: "x"'],
    [{ reference: ["["] }, "syntax error in pattern"],
  ];
  for (const [filters, message] of wrong) await assert.rejects(tags(filters), { message });
  const [first] = await images.list({ all: false, filters: {}, sharedSize: true });
  assert.deepEqual([first!.Size, first!.SharedSize, first!.Created, first!.Containers], [5, 5, 1672531200, 0]);
});

test("tags: given, moved, refused", async () => {
  await load(plain);
  await images.tag("app:1", "copy", "");
  await images.tag(id, "docker.io/library/copy:x", "y");
  await images.tag(id, "", "");
  assert.deepEqual(images.resolve("copy").tags, ["app:1", "copy:latest", "copy:y", "local.test/me/app:1"]);
  await assert.rejects(images.tag("nope", "a", "b"), { message: "No such image: nope:latest" });
  await assert.rejects(images.tag(id, "BAD", ""), { kind: "invalid" });
  assert.deepEqual(events.slice(-2), ["tag copy:latest", "tag copy:y"]);
  assert.match((await images.inspect("copy")).Metadata.LastTagTime, /^2\d\d\d-/);
});

const plainRemove = { force: false, prune: true };
const force = { force: true, prune: true };

test("remove: untagged until the last name, then deleted with its layers", async () => {
  await load(plain);
  assert.deepEqual(await images.remove("app:1", plainRemove), [{ Untagged: "app:1" }]);
  assert.deepEqual(await images.remove("local.test/me/app:1", plainRemove), [
    { Untagged: "local.test/me/app:1" },
    { Deleted: id },
    { Deleted: sha256(`${sha256(base)} ${sha256(top)}`) },
    { Deleted: sha256(base) },
  ]);
  assert.deepEqual(leftovers(), []);
  assert.deepEqual(events.slice(-3), [`untag ${id}`, `untag ${id}`, `delete ${id}`]);
  await assert.rejects(images.remove(id, plainRemove), { kind: "not-found" });
});

test("remove by id: several names need force; layers of others stay", async () => {
  await load(plain);
  await load(imageArchive({ layers: [base], tags: ["base:1"] }));
  await assert.rejects(images.remove(id.slice(7, 19), plainRemove), {
    kind: "conflict",
    message: `conflict: unable to delete ${id.slice(7, 19)} (must be forced) - image is referenced in multiple repositories`,
  });
  assert.deepEqual(await images.remove(id, force), [
    { Untagged: "app:1" },
    { Untagged: "local.test/me/app:1" },
    { Deleted: id },
    { Deleted: sha256(`${sha256(base)} ${sha256(top)}`) },
  ]);
  assert.equal((await images.inspect("base:1")).Size, 5);
});

test("remove what containers use: Docker's conflicts", async () => {
  await load(imageArchive({ layers: [base], tags: ["base:1"] }));
  const image = images.resolve("base:1").id;
  const short = image.slice(7, 19);
  const container = "c".repeat(64);
  users = [{ id: container, running: false, image }];
  await assert.rejects(images.remove("base:1", plainRemove), {
    kind: "conflict",
    message: `conflict: unable to remove repository reference "base:1" (must force) - container ${"c".repeat(12)} is using its referenced image ${short}`,
  });
  await assert.rejects(images.remove(short, plainRemove), {
    message: `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${"c".repeat(12)}`,
  });
  users = [{ id: container, running: true, image }];
  await assert.rejects(images.remove(short, force), {
    message: `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container ${"c".repeat(12)}`,
  });
  assert.deepEqual(await images.remove("base:1", force), [{ Untagged: "base:1" }]);
  assert.deepEqual(images.resolve(short).tags, []);
  users = [];
  records.update((tx) => layers.own(tx, "snapshot:x", images.resolve(short).layers));
  assert.deepEqual(await images.remove(short, plainRemove), [{ Deleted: image }]);
  assert.equal(readdirSync(layers.folder).length, 1);
});

async function saved(names: string[]): Promise<Buffer> {
  return Buffer.concat(await (await images.save(names)).toArray());
}

test("save gives back the same bytes, in both formats, and GNU tar reads it", async () => {
  await load(plain);
  await load(imageArchive({ layers: [base], tags: ["app:2"] }));
  const archive = await saved(["app"]);
  const into = join(dataRoot, "saved");
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
  await images.remove(id, force);
  await images.remove("app:2", force);
  assert.deepEqual(said(await load(archive)), ["Loaded image: app:1\n", "Loaded image: app:2\n"]);
  assert.deepEqual(await saved(["app"]), archive);
  const byId = await saved([id.slice(0, 15)]);
  await images.remove(id, force);
  assert.deepEqual(said(await load(byId)), [`Loaded image ID: ${id}\n`]);
  await assert.rejects(saved(["nope"]), { kind: "not-found", message: "No such image: nope" });
});

test("an archive without manifest.json is read as the layout that it is too", async () => {
  await load(plain);
  const into = join(dataRoot, "saved");
  mkdirSync(into);
  execFileSync("tar", ["-xf", "-", "-C", into], { input: await saved(["app:1"]) });
  for (const name of ["manifest.json", "repositories"]) rmSync(join(into, name));
  await images.remove(id, force);
  const layout = execFileSync("tar", ["-cf", "-", "-C", into, "."]);
  assert.deepEqual(said(await load(layout)), ["Loaded image: app:1\n"]);
  assert.equal(images.resolve("app:1").id, id);
});

test("bootstrap makes busybox from this machine's own, twice the same", async () => {
  const make = async (): Promise<string> => {
    for await (const message of images.bootstrap("busybox", {})) assert.ok(message.status);
    return images.resolve("busybox").id;
  };
  const made = await make();
  assert.equal(await make(), made);
  const image = images.resolve("busybox:latest");
  assert.deepEqual(image.config.config?.Cmd, ["sh"]);
  const root = layers.path(image.layers[0]!);
  assert.equal(
    execFileSync("chroot", [root, "sh", "-c", "id -un; ls -ld /tmp | cut -c1-10"], { encoding: "utf8" }),
    "root\ndrwxrwxrwt\n",
  );
  const nothing = async (): Promise<void> => {
    for await (const _ of images.bootstrap("windows", {}));
  };
  await assert.rejects(nothing(), { kind: "invalid", hint: "it can be busybox or debian:12" });
});

test("bootstrap takes Debian from the cache", async () => {
  mkdirSync(join(dataRoot, "cache"));
  writeFileSync(join(dataRoot, `cache/debian-bookworm-${process.arch}.tar`), base);
  for await (const _ of images.bootstrap("debian:12", {}));
  assert.deepEqual(images.resolve("debian:bookworm").tags, ["debian:12", "debian:bookworm"]);
});
