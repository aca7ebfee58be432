import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { afterEach, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { pieces, tarOf } from "../../../test/kit/archives.ts";
import { ImageWorld } from "../../../test/kit/image-world.ts";

const world = new ImageWorld();
beforeEach(() => world.begin());
afterEach(() => world.end());

const base = tarOf([
  { name: "etc/", type: "5", mode: 0o755 },
  { name: "etc/x", data: "hello" },
]);
test("import makes an image of one layer, with changes", async () => {
  const options = { repository: "made", tag: "1", message: "by hand", changes: ['CMD ["sh"]', "ENV A=b", "LABEL l=1"] };
  const made = await world.images.importArchive(Readable.from(pieces(gzipSync(base))), options);
  const inspected = await world.images.inspect("made:1");
  assert.equal(inspected.Id, made);
  assert.equal(inspected.Comment, "by hand");
  assert.deepEqual(
    [inspected.Config?.Cmd, inspected.Config?.Env, inspected.Config?.Labels],
    [["sh"], ["A=b"], { l: "1" }],
  );
  assert.deepEqual(world.events, ["tag made:1", `import ${made}`]);
  const [entry] = world.images.history("made:1");
  assert.deepEqual([entry!.Id, entry!.Size, entry!.Comment, entry!.Tags], [made, 5, "by hand", ["made:1"]]);
  const nameless = await world.images.importArchive(Readable.from(pieces(base)), { platform: "linux/arm64/v8" });
  const { Architecture, Variant, Comment, RepoTags } = await world.images.inspect(nameless);
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
    await assert.rejects(world.images.importArchive(Readable.from(pieces(archive)), options), {
      kind: "invalid",
      message,
    });
  }
  assert.deepEqual([await world.tags(), world.leftovers()], [[], []]);
});
