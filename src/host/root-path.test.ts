import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeFolderInRoot, readFileInRoot } from "./root-path.ts";

let outside = "";
let root = "";

before(() => {
  outside = mkdtempSync(join(tmpdir(), "escale-root-path-"));
  root = join(outside, "root");
  mkdirSync(join(root, "etc"), { recursive: true });
  mkdirSync(join(outside, "etc"));
  writeFileSync(join(outside, "secret"), "of the host");
  writeFileSync(join(root, "secret"), "of the container");
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0");
});

after(() => rmSync(outside, { recursive: true, force: true }));

test("links and parents stay inside the root", () => {
  symlinkSync("../../../../secret", join(root, "etc/relative"));
  symlinkSync("/secret", join(root, "etc/absolute"));
  symlinkSync(join(outside, "secret"), join(root, "etc/host"));
  symlinkSync("/etc", join(root, "link"));
  for (const path of ["/secret", "../../secret", "/etc/relative", "/etc/absolute"]) {
    assert.equal(readFileInRoot(root, path, 100), "of the container", path);
  }
  assert.equal(readFileInRoot(root, "/etc/host", 100), undefined);
  assert.equal(readFileInRoot(root, "/link/passwd", 100), "root:x:0:0");
});

test("what is no regular file reads as nothing, and does not block", () => {
  execFileSync("mkfifo", [join(root, "fifo")]);
  symlinkSync("loop", join(root, "loop"));
  for (const path of ["/fifo", "/etc", "/loop", "/missing", "/secret/below"]) {
    assert.equal(readFileInRoot(root, path, 100), undefined, path);
  }
});

test("a file beyond the limit is refused", () => {
  assert.throws(() => readFileInRoot(root, "/secret", 5), /larger than 5 bytes/);
});

test("folders are made inside the root, through links as well", () => {
  makeFolderInRoot(root, "/a/b/../c");
  assert.equal(statSync(join(root, "a/c")).mode & 0o777, 0o755);
  makeFolderInRoot(root, "/a/c");
  symlinkSync("/nowhere/yet", join(root, "dangling"));
  makeFolderInRoot(root, "/dangling/inner");
  assert.ok(statSync(join(root, "nowhere/yet/inner")).isDirectory());
  symlinkSync("../../../../up", join(root, "a/up"));
  makeFolderInRoot(root, "/a/up/x");
  assert.ok(statSync(join(root, "up/x")).isDirectory());
  assert.ok(!existsSync(join(outside, "up")));
});

test("a file in the way is an error", () => {
  for (const path of ["/secret", "/secret/below", "/secret/below/more"]) {
    assert.throws(() => makeFolderInRoot(root, path), { code: "ENOTDIR" }, path);
  }
  symlinkSync("/ring-b", join(root, "ring-a"));
  symlinkSync("/ring-a", join(root, "ring-b"));
  assert.throws(() => makeFolderInRoot(root, "/ring-a/x"), { code: "ELOOP" });
});
