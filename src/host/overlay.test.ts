import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { isMountPoint, mountOverlay, unmountOverlay } from "./overlay.ts";

let root = "";
const at = (name: string): string => join(root, name);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "escale-overlay-"));
  for (const name of ["layers", "upper", "work", "target"]) mkdirSync(at(name));
});
afterEach(async () => {
  await unmountOverlay(at("target"));
  rmSync(root, { recursive: true, force: true });
});

function layers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${String(index).padStart(10, "0")}/fs`;
    mkdirSync(at(`layers/${name}`), { recursive: true });
    writeFileSync(at(`layers/${name}/f${index}`), "");
    return name;
  });
}

test("127 layers fit, and the working folder is what it was", () => {
  const home = process.cwd();
  mountOverlay({ base: at("layers"), lower: layers(127), upper: at("upper"), work: at("work"), target: at("target") });
  assert.equal(process.cwd(), home);
  assert.ok(isMountPoint(at("target")));
  assert.equal(readdirSync(at("target")).length, 127);
  writeFileSync(at("target/new"), "");
  assert.deepEqual(readdirSync(at("upper")), ["new"]);
});

test("too many layers are told as Docker tells it", () => {
  const lower = Array.from({ length: 400 }, (_, index) => `${String(index).padStart(10, "0")}/fs`);
  const overlay = { base: at("layers"), lower, upper: at("upper"), work: at("work"), target: at("target") };
  assert.throws(() => mountOverlay(overlay), { kind: "internal", message: "max depth exceeded" });
});

test("a volatile tree can be mounted again, also by a path with a comma and a colon in it", async () => {
  const [upper, work] = [at("a,b:c/upper"), at("a,b:c/work")];
  for (const path of [upper, work]) mkdirSync(path, { recursive: true });
  const overlay = { base: at("layers"), lower: layers(1), upper, work, target: at("target"), isVolatile: true };
  for (const name of ["one", "two"]) {
    mountOverlay(overlay);
    writeFileSync(at(`target/${name}`), "");
    assert.ok(existsSync(join(work, "work/incompat/volatile")));
    await unmountOverlay(at("target"));
    assert.ok(!isMountPoint(at("target")));
  }
  assert.deepEqual(readdirSync(upper), ["one", "two"]);
});

test("what fails leaves the working folder, unmounting nothing is no error", async () => {
  const home = process.cwd();
  const overlay = { base: at("layers"), lower: ["absent"], upper: at("upper"), work: at("work"), target: at("target") };
  assert.throws(() => mountOverlay(overlay), { name: "SystemCallError", code: "ENOENT" });
  assert.equal(process.cwd(), home);
  await unmountOverlay(at("target"));
  await unmountOverlay(at("absent"));
});
