import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { hasCode } from "../base/errors.ts";
import {
  createNetworkNamespace,
  inNetworkNamespace,
  isNetworkNamespace,
  listNamespaceFiles,
  prepareNamespaceFolder,
  removeNamespaceFolder,
  removeNetworkNamespace,
} from "./namespaces.ts";

const current = (): string => readlinkSync("/proc/thread-self/ns/net");
const home = current();
let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "namespaces-"));
  folder = join(root, "netns");
  prepareNamespaceFolder(folder);
});

afterEach(() => {
  for (const { path } of listNamespaceFiles(folder)) removeNetworkNamespace(path);
  removeNamespaceFolder(folder);
  rmSync(root, { recursive: true });
  assert.equal(current(), home);
  assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(root));
});

test("a namespace is pinned on a file and entered again", () => {
  const path = join(folder, "a");
  const made = createNetworkNamespace(path, current);
  assert.notEqual(made, home);
  assert.equal(current(), home);
  assert.ok(isNetworkNamespace(path));
  assert.equal(inNetworkNamespace(path, current), made);
  assert.equal(current(), home);
  assert.throws(
    () => createNetworkNamespace(path, current),
    (error) => hasCode(error, "EEXIST"),
  );
  assert.ok(isNetworkNamespace(path));
  removeNetworkNamespace(path);
  removeNetworkNamespace(path);
  assert.ok(!isNetworkNamespace(path));
  assert.throws(
    () => inNetworkNamespace(path, current),
    (error) => hasCode(error, "ENOENT"),
  );
});

test("a failure inside comes out, back home, with nothing left", () => {
  const path = join(folder, "b");
  const fail = (): never => {
    throw new Error("inside");
  };
  assert.throws(() => createNetworkNamespace(path, fail), /inside/);
  assert.equal(current(), home);
  assert.deepEqual(listNamespaceFiles(folder), []);
  createNetworkNamespace(path, () => {});
  assert.throws(() => inNetworkNamespace(path, fail), /inside/);
  assert.equal(current(), home);
});

test("a plain file is no namespace", () => {
  const path = join(folder, "left-over");
  writeFileSync(path, "");
  assert.ok(!isNetworkNamespace(path));
  assert.throws(
    () => inNetworkNamespace(path, current),
    (error) => hasCode(error, "EINVAL"),
  );
  removeNetworkNamespace(path);
});

test("the folder does not propagate and stays while a namespace is in it", () => {
  prepareNamespaceFolder(folder);
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(` ${folder} `));
  assert.equal(mounts.length, 1);
  assert.ok(!/shared:|master:/.test(mounts[0] ?? ""));
  createNetworkNamespace(join(folder, "c"), () => {});
  assert.equal(removeNamespaceFolder(folder), false);
});
