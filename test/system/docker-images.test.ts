/** Images: load, import, list, inspect, tag, remove, and archives that are not what they say. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { openEngine } from "../kit/engine.ts";
import { engineApi } from "../kit/http.ts";
import { busyboxFiles, dockerArchive, ociArchive } from "../kit/images.ts";
import { tarOf } from "../kit/tar.ts";

const engine = await openEngine();
const mark = `i${process.pid}`;
after(async () => {
  const all = await docker.ok("images", "--format", "{{.Repository}}:{{.Tag}}");
  const own = all.split("\n").filter((name) => name.startsWith(mark));
  if (own.length > 0) await docker.run(["rmi", "-f", ...own]);
  await engine[Symbol.asyncDispose]();
});
const { docker } = engine;
const bothArchive: typeof dockerArchive = (options) => ociArchive(options, { isBoth: true });
const base = tarOf(busyboxFiles());

test("load reads archives of every age, plain and compressed; the layers are shared", async () => {
  const second = tarOf([
    { name: "etc/", type: "directory" },
    { name: "etc/extra", data: "second layer\n" },
  ]);
  const whiteout = tarOf([{ name: "etc/", type: "directory" }, { name: "etc/.wh.group" }]);
  const config = { Cmd: ["cat", "/etc/extra"], Env: ["PATH=/bin", "K=v"] };
  for (const [form, archive, compress] of [
    ["docker", dockerArchive, (data: Buffer) => data],
    ["both", bothArchive, (data: Buffer) => data],
    ["gzip", dockerArchive, (data: Buffer) => gzipSync(data)],
    ["zstd", bothArchive, (data: Buffer) => zstdCompressSync(data)],
  ] as const) {
    const tag = `${mark}-${form}:v1`;
    const input = compress(archive({ tag, layers: [base, second, whiteout], config }));
    const { code, stdout, stderr } = await docker.run(["load"], { input });
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`Loaded image: ${tag}`));
    assert.equal(await docker.ok("run", "--rm", tag), "second layer");
    assert.match(await docker.fails("run", "--rm", tag, "cat", "/etc/group"), /No such file/);
    assert.equal(await docker.ok("run", "--rm", tag, "sh", "-c", "echo $K"), "v");
  }
});

test("import makes an image of one layer, with changes and from a file", async () => {
  const tag = `${mark}-imported:one`;
  const imported = await docker.run(
    ["import", "-c", 'CMD ["echo", "by default"]', "-c", "ENV X=y", "-m", "why", "-", tag],
    { input: base },
  );
  assert.equal(imported.code, 0, imported.stderr);
  assert.match(imported.stdout, /^sha256:[0-9a-f]{64}\n$/);
  assert.equal(await docker.ok("run", "--rm", tag), "by default");
  const [image] = JSON.parse(await docker.ok("image", "inspect", tag));
  assert.equal(image.Id, imported.stdout.trim());
  assert.deepEqual(image.RepoTags, [tag]);
  assert.ok(image.Config.Env.includes("X=y"));
  assert.deepEqual([image.Os, image.RootFS.Layers.length, image.Comment], ["linux", 1, "why"]);
});

test("images lists, tag adds a name, rmi removes names first and the image with the last", async () => {
  const one = `${mark}-tags:one`;
  const two = `${mark}-tags:two`;
  const { stdout } = await docker.run(["import", "-", one], { input: tarOf([{ name: "file", data: mark }]) });
  const id = stdout.trim();
  await docker.ok("tag", one, two);
  const rows = (await docker.ok("images", `${mark}-tags`, "--format", "{{.Tag}} {{.ID}}")).split("\n").sort();
  assert.deepEqual(rows, [`one ${id.slice(7, 19)}`, `two ${id.slice(7, 19)}`]);
  assert.equal(await docker.ok("images", "-q", "--no-trunc", "--filter", `reference=${mark}-tags:t*`), id);
  assert.equal(await docker.ok("rmi", one), `Untagged: ${one}`);
  assert.match(await docker.ok("rmi", two), new RegExp(`^Untagged: ${two}\nDeleted: ${id}`));
  assert.match(await docker.fails("image", "inspect", two), /[Nn]o such image: /);
});

test("rmi refuses what a container uses", async () => {
  const tag = `${mark}-used:latest`;
  await docker.run(["import", "-", tag], { input: tarOf([...busyboxFiles(), { name: "used", data: mark }]) });
  const name = engine.name();
  await docker.ok("run", "-d", "--name", name, tag, "sleep", "1000");
  assert.match(
    await docker.fails("rmi", tag),
    /conflict: unable to (remove repository reference|delete) .*container [0-9a-f]{12} is using its referenced image|must be forced/,
  );
  await docker.ok("rm", "-f", name);
  await docker.ok("rmi", tag);
});

test("an unknown image", async () => {
  assert.match(await docker.fails("image", "inspect", `${mark}-nosuch`), new RegExp(`No such image: ${mark}-nosuch`));
  assert.match(await docker.fails("rmi", `${mark}-nosuch`), new RegExp(`No such image: ${mark}-nosuch`));
  const create = await engineApi(engine.host, "POST", "/v1.51/containers/create", { Image: `${mark}-nosuch` });
  assert.deepEqual([create.status, create.json().message], [404, `No such image: ${mark}-nosuch:latest`]);
  assert.match(
    await docker.fails("tag", "bb", "Upper/Case"),
    /invalid reference format|repository name .*must be lowercase/,
  );
});

test("what is no archive, a truncated or a lying one is refused, and nothing of it stays", async () => {
  const before = await docker.ok("images", "-aq", "--no-trunc");
  // A layer that no engine has yet: what is known by its digest is not read again.
  const layer = tarOf([...busyboxFiles(), { name: "unique", data: `a file of ${mark}` }]);
  const good = dockerArchive({ tag: `${mark}-bad:latest`, layers: [layer] });
  const wrongDigest = Buffer.from(good);
  wrongDigest.write("A FILE", wrongDigest.indexOf("a file of"));
  const bad: Record<string, Buffer> = {
    text: Buffer.from("this is not a tar archive at all\n".repeat(100)),
    empty: Buffer.alloc(0),
    truncated: good.subarray(0, Math.floor(good.length / 2)),
    "without a manifest": tarOf([{ name: "hello", data: "x" }]),
    "a broken manifest": tarOf([{ name: "manifest.json", data: "{not json" }]),
    "a missing layer": tarOf([
      { name: "manifest.json", data: '[{"Config":"c.json","RepoTags":["x:y"],"Layers":["no/layer.tar"]}]' },
      { name: "c.json", data: '{"rootfs":{"type":"layers","diff_ids":[]}}' },
    ]),
    "another digest": wrongDigest,
  };
  for (const [what, input] of Object.entries(bad)) {
    const { code, stdout, stderr } = await docker.run(["load"], { input });
    assert.notEqual(code, 0, `${what} was taken: ${stdout}${stderr}`);
  }
  assert.equal(await docker.ok("images", "-aq", "--no-trunc"), before);
});

test("layers that lead outside do not", async () => {
  const outside = `/tmp/${mark}-outside`;
  const hostile = [
    tarOf([{ name: `../../../../../../../..${outside}`, data: "x" }]),
    tarOf([{ name: outside, data: "x" }]),
    tarOf([
      { name: "way", type: "symlink", target: "/tmp" },
      { name: `way/${mark}-outside`, data: "x" },
    ]),
    tarOf([
      { name: "way", type: "symlink", target: "../../../../../../../tmp" },
      { name: `way/${mark}-outside`, data: "x" },
    ]),
    tarOf([{ name: "stolen", type: "hardlink", target: "/etc/passwd" }]),
    tarOf([{ name: "stolen", type: "hardlink", target: "../../../../../../../etc/passwd" }]),
  ];
  const { existsSync, readFileSync } = await import("node:fs");
  const secret = readFileSync("/etc/passwd", "utf8").split("\n").at(-2) ?? "";
  for (const [index, layer] of hostile.entries()) {
    const tag = `${mark}-hostile:${index}`;
    const { code } = await docker.run(["load"], { input: dockerArchive({ tag, layers: [base, layer] }) });
    assert.ok(!existsSync(outside), `archive ${index} wrote to the host`);
    if (code === 0) {
      const { stdout } = await docker.run(["run", "--rm", tag, "cat", "/stolen"]);
      assert.ok(!stdout.includes(secret), `archive ${index} read the host's file`);
    }
  }
  assert.equal((await docker.run(["version"])).code, 0);
});
