import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { tarOf as archive, pieces } from "../../../test/kit/archives.ts";
import { packTar } from "./pack.ts";
import { unpackTar } from "./unpack.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "escale-tar-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function target(): string {
  const path = join(root, "layer");
  mkdirSync(path);
  return path;
}

test("files, folders, links and odd names come out, and the digest is that of the archive", async () => {
  const long = `d/${"n".repeat(150)}`;
  const data = randomBytes(70_000);
  const tar = archive([
    { name: "./", type: "5", mode: 0o711 },
    { name: "./d/", type: "5", mode: 0o1777 },
    { name: long, data, mode: 0o4755, uid: 12, gid: 34 },
    { name: "hard", type: "1", linkName: long },
    { name: "link", type: "2", linkName: "/etc/passwd" },
  ]);
  const result = await unpackTar(pieces(tar), target());
  const at = (name: string): string => join(root, "layer", name);
  assert.equal(result.digest, `sha256:${createHash("sha256").update(tar).digest("hex")}`);
  assert.deepEqual([result.archiveSize, result.size], [tar.length, data.length + "/etc/passwd".length]);
  assert.deepEqual(readFileSync(at("hard")), data);
  const file = lstatSync(at(long));
  assert.deepEqual([file.mode & 0o7777, file.uid, file.gid, file.nlink], [0o4755, 12, 34, 2]);
  assert.equal(lstatSync(at("d")).mode & 0o7777, 0o1777);
  assert.equal(lstatSync(at(".")).mode & 0o7777, 0o711);
  assert.equal(readlinkSync(at("link")), "/etc/passwd");
});

test("an archive of GNU tar itself with sparse files, attributes and long names is passed on unharmed", async () => {
  const from = join(root, "from");
  mkdirSync(join(from, "x".repeat(120), "y".repeat(120)), { recursive: true });
  execFileSync("truncate", ["-s", "5M", join(from, "sparse")]);
  writeFileSync(join(from, "x".repeat(120), "y".repeat(120), "ü"), "deep");
  symlinkSync("y".repeat(110), join(from, "x".repeat(120), "s"));
  for (const format of ["gnu", "pax", "ustar"]) {
    const names = format === "ustar" ? ["sparse"] : ["."];
    const sparse = format === "ustar" ? [] : ["-S"];
    const tar = execFileSync("tar", ["-C", from, `--format=${format}`, ...sparse, "-cf", "-", ...names], {
      maxBuffer: 1 << 26,
    });
    const into = join(root, format);
    mkdirSync(into);
    const result = await unpackTar(pieces(tar, 4099), into);
    assert.equal(lstatSync(join(into, "sparse")).size, 5 << 20);
    if (format === "ustar") continue;
    assert.equal(result.size, (5 << 20) + 4 + 110);
    assert.equal(readFileSync(join(into, "x".repeat(120), "y".repeat(120), "ü"), "utf8"), "deep");
  }
});

test("whiteouts become what overlayfs takes for them", async () => {
  const tar = archive([
    { name: "etc/.wh.gone", data: "ignored" },
    { name: "opt/", type: "5", mode: 0o755 },
    { name: "opt/.wh..wh..opq" },
    { name: "opt/new", data: "n" },
    { name: ".wh..wh.plnk/1.2", data: "aufs" },
  ]);
  const layer = target();
  await unpackTar(pieces(tar), layer);
  const gone = lstatSync(join(layer, "etc/gone"));
  assert.ok(gone.isCharacterDevice());
  assert.equal(gone.rdev, 0);
  assert.ok(!existsSync(join(layer, "opt/.wh..wh..opq")));
  const overlay = join(root, "lower/opt");
  mkdirSync(overlay, { recursive: true });
  writeFileSync(join(overlay, "old"), "o");
  mkdirSync(join(root, "merged"));
  execFileSync("mount", [
    "-t",
    "overlay",
    "overlay",
    "-o",
    `lowerdir=${layer}:${join(root, "lower")}`,
    join(root, "merged"),
  ]);
  try {
    assert.deepEqual(execFileSync("ls", [join(root, "merged/opt")], { encoding: "utf8" }), "new\n");
    assert.ok(!existsSync(join(root, "merged/etc/gone")));
  } finally {
    execFileSync("umount", [join(root, "merged")]);
  }
});

test("members behind a symbolic link of the same archive land where it leads inside the layer", async () => {
  const layer = target();
  await unpackTar(
    pieces(
      archive([
        { name: "usr/lib/", type: "5", mode: 0o755 },
        { name: "lib", type: "2", linkName: "/usr/lib" },
        { name: "lib/foo", data: "foo" },
        { name: "lib64", type: "2", linkName: "lib" },
        { name: "lib64/bar", data: "bar" },
        { name: "hard", type: "1", linkName: "lib/foo" },
        { name: "out", type: "2", linkName: join(root, "outside") },
        { name: "out/escape", data: "x" },
        { name: "lib/null", type: "3", device: [1, 3] },
      ]),
    ),
    layer,
  );
  assert.equal(readFileSync(join(layer, "usr/lib/foo"), "utf8"), "foo");
  assert.equal(readFileSync(join(layer, "usr/lib/bar"), "utf8"), "bar");
  assert.equal(lstatSync(join(layer, "hard")).nlink, 2);
  assert.equal(readFileSync(join(layer, root, "outside/escape"), "utf8"), "x");
  assert.ok(!existsSync(join(root, "outside")));
  assert.equal(lstatSync(join(layer, "usr/lib/null")).rdev, 0x103);
});

const dots = "../../../../../../../..";
const refused: readonly [string, Buffer, string][] = [
  ["a name that leads outside", archive([{ name: `${dots}/x` }]), `invalid entry name "${dots}/x"`],
  [
    "a hard link that leads outside",
    archive([{ name: "h", type: "1", linkName: `${dots}/etc/passwd` }]),
    `invalid hardlink target "${dots}/etc/passwd"`,
  ],
  [
    "a hard link to an absolute path",
    archive([{ name: "h", type: "1", linkName: "/etc/passwd" }]),
    "linkat etc/passwd h: no such file or directory",
  ],
  [
    "a relative link that leads outside",
    archive([
      { name: "a", type: "2", linkName: `${dots}/tmp` },
      { name: "a/x", data: "x" },
    ]),
    "statat a: path escapes from parent",
  ],
  [
    "links in a circle",
    archive([
      { name: "a", type: "2", linkName: "b" },
      { name: "b", type: "2", linkName: "a" },
      { name: "a/x", data: "x" },
    ]),
    "statat b: too many levels of symbolic links",
  ],
  ["a path that comes twice", archive([{ name: "f" }, { name: "./f" }]), "duplicates of file paths not supported"],
  ["a whiteout of nothing", archive([{ name: ".wh..." }]), 'invalid whiteout entry ".wh..."'],
  [
    "a whiteout whose folder becomes a link",
    archive([{ name: "a/b/.wh..wh..opq" }, { name: "a", type: "2", linkName: "/etc" }]),
    'invalid whiteout entry "a/b/.wh..wh..opq"',
  ],
  ["no tar at all", Buffer.from("no tar".repeat(500)), "archive/tar: invalid tar header"],
  ["a cut file", archive([{ name: "f", data: "x".repeat(9000) }]).subarray(0, 5000), "unexpected EOF"],
  ["a cut header", archive([{ name: "f" }]).subarray(0, 300), "unexpected EOF"],
];

for (const [what, tar, message] of refused) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(unpackTar(pieces(tar), target()), { kind: "invalid", message });
  });
}

test("an archive without members or without its end is an archive", async () => {
  assert.equal((await unpackTar(pieces(Buffer.alloc(0)), target())).size, 0);
  const layer = join(root, "second");
  mkdirSync(layer);
  assert.equal((await unpackTar(pieces(archive([{ name: "f", data: "1" }], false)), layer)).size, 1);
});

test("a full disk is told with the file", async () => {
  const small = join(root, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
  try {
    const tar = archive([{ name: "big", data: randomBytes(1 << 20) }]);
    await assert.rejects(unpackTar(pieces(tar, 65536), small), {
      kind: "internal",
      message: "write /big: no space left on device",
    });
  } finally {
    execFileSync("umount", [small]);
  }
});

test("a source that fails leaves no tar behind", async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield archive([{ name: "f", data: "1" }]).subarray(0, 600);
    throw new Error("the client left");
  }
  await assert.rejects(unpackTar(broken(), target()), { message: "the client left" });
});

test("packing is the same bytes for the same tree, and unpacks to it", async () => {
  const from = join(root, "from");
  mkdirSync(join(from, "b"), { recursive: true });
  writeFileSync(join(from, "b/file"), "content");
  writeFileSync(join(from, "a"), "");
  const read = async (): Promise<Buffer> =>
    Buffer.concat(await packTar(from, { fixedTime: 0, isBare: true }).toArray());
  const first = await read();
  assert.deepEqual(await read(), first);
  const names = execFileSync("tar", ["-tf", "-"], { input: first, encoding: "utf8" });
  assert.deepEqual(names.trim().split("\n").sort(), ["a", "b/", "b/file"]);
  await assert.rejects(packTar(from, { paths: ["nothing"] }).toArray(), { name: "EscaleError" });
});
