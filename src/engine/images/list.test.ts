import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { configOf, imageArchive, sha256, tarOf } from "../../../test/kit/archives.ts";
import { ImageWorld } from "../../../test/kit/image-world.ts";
import type { ImageFilters } from "./images.ts";

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

test("list: order, names, sizes and filters", async () => {
  const make = async (name: string, created: string, Labels?: object): Promise<void> => {
    await world.load(
      imageArchive({ layers: [base], tags: name === "" ? [] : [name], config: { created, config: { Labels } } }),
    );
  };
  await make("old:1", "2020-01-01T00:00:00Z", { a: "1" });
  await make("mid:1", "2021-01-01T00:00:00Z", { a: "2" });
  await make("", "2022-01-01T00:00:00Z");
  await make("local.test/new/x:2", "2023-01-01T00:00:00Z");
  const all = [["local.test/new/x:2"], [], ["mid:1"], ["old:1"]];
  assert.deepEqual(await world.tags(), all);
  const cases: [ImageFilters, string[][]][] = [
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
  for (const [filters, wanted] of cases) assert.deepEqual(await world.tags(filters), wanted, JSON.stringify(filters));
  const wrong: [ImageFilters, string][] = [
    [{ foo: ["x"] }, "invalid filter 'foo'"],
    [{ dangling: ["x"] }, "invalid filter 'dangling=[x]'"],
    [{ before: ["nope"] }, "No such image: nope:latest"],
    [{ until: ["x"] }, 'failed to parse value as time or duration: "x"'],
    [{ reference: ["["] }, "syntax error in pattern"],
  ];
  for (const [filters, message] of wrong) await assert.rejects(world.tags(filters), { message });
  const [first] = await world.images.list({ all: false, filters: {}, sharedSize: true });
  assert.deepEqual([first!.Size, first!.SharedSize, first!.Created, first!.Containers], [5, 5, 1672531200, 0]);
});

test("tags: given, moved, refused", async () => {
  await world.load(plain);
  await world.images.tag("app:1", "copy", "");
  await world.images.tag(id, "docker.io/library/copy:x", "y");
  await world.images.tag(id, "", "");
  assert.deepEqual(world.images.resolve("copy").tags, ["app:1", "copy:latest", "copy:y", "local.test/me/app:1"]);
  await assert.rejects(world.images.tag("nope", "a", "b"), { message: "No such image: nope:latest" });
  await assert.rejects(world.images.tag(id, "BAD", ""), { kind: "invalid" });
  assert.deepEqual(world.events.slice(-2), ["tag copy:latest", "tag copy:y"]);
  assert.match((await world.images.inspect("copy")).Metadata.LastTagTime, /^2\d\d\d-/);
});
