import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canonicalString,
  familiarName,
  familiarString,
  parseAnyReference,
  parseReference,
  repositoryOf,
  taggedReference,
  withDefaultTag,
} from "./references.ts";

const hex = "0123456789abcdef".repeat(4);

const forms: readonly [text: string, canonical: string, familiar: string][] = [
  ["busybox", "docker.io/library/busybox", "busybox"],
  ["busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"],
  ["library/busybox", "docker.io/library/busybox", "busybox"],
  ["docker.io/busybox", "docker.io/library/busybox", "busybox"],
  ["me/app", "docker.io/me/app", "me/app"],
  ["library/a/b", "docker.io/library/a/b", "library/a/b"],
  ["localhost/app:x", "localhost/app:x", "localhost/app:x"],
  ["127.0.0.1:5000/a/b_c-d__e.f:v1", "127.0.0.1:5000/a/b_c-d__e.f:v1", "127.0.0.1:5000/a/b_c-d__e.f:v1"],
  ["[::1]:5000/a", "[::1]:5000/a", "[::1]:5000/a"],
  ["UPPER/app", "UPPER/app", "UPPER/app"],
  [`busybox@sha256:${hex}`, `docker.io/library/busybox@sha256:${hex}`, `busybox@sha256:${hex}`],
  [`busybox:1@sha256:${hex}`, `docker.io/library/busybox:1@sha256:${hex}`, `busybox:1@sha256:${hex}`],
];

for (const [text, canonical, familiar] of forms) {
  test(`${text} is ${canonical}`, () => {
    const reference = parseReference(text);
    assert.equal(canonicalString(reference), canonical);
    assert.equal(familiarString(reference), familiar);
    assert.deepEqual(parseReference(canonical), reference);
  });
}

const bad: readonly [text: string, message: string][] = [
  ["", "invalid reference format"],
  [":x", "invalid reference format"],
  ["a:", "invalid reference format"],
  ["a:b:c", "invalid reference format"],
  ["a@b", "invalid reference format"],
  ["a b", "invalid reference format"],
  ["-a", "invalid reference format"],
  ["a..b", "invalid reference format"],
  [`a:${"t".repeat(129)}`, "invalid reference format"],
  ["Foo", "invalid reference format: repository name (library/Foo) must be lowercase"],
  ["localhost/Foo", "invalid reference format: repository name (Foo) must be lowercase"],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  ["a".repeat(256), "repository name must not be more than 255 total characters long"],
  [`a@md5:${hex}`, "unsupported digest algorithm"],
  [`a@sha256:${hex}00`, "invalid checksum digest length"],
];

for (const [text, message] of bad) {
  test(`refused: ${text.slice(0, 40)}`, () => {
    assert.throws(() => parseReference(text), { kind: "invalid", message });
  });
}

test("an id or a digest is no name", () => {
  assert.deepEqual(parseAnyReference(hex), { digest: `sha256:${hex}` });
  assert.deepEqual(parseAnyReference(`sha256:${hex}`), { digest: `sha256:${hex}` });
  assert.equal(repositoryOf(parseReference("sha256:abc")), "docker.io/library/sha256");
});

test("repo and tag of a request are joined", () => {
  const shown = (repository: string, tag: string): string | undefined => {
    const reference = taggedReference(repository, tag);
    return reference && familiarString(reference);
  };
  assert.equal(shown("", "x"), undefined);
  assert.equal(shown("a", ""), "a:latest");
  assert.equal(shown("a:b", "c"), "a:c");
  assert.equal(shown("a:b", ""), "a:b");
  assert.throws(() => shown("a", "b@c"), { message: "invalid tag format" });
  assert.throws(() => shown(`a@sha256:${hex}`, ""), { message: "cannot import digest reference" });
  assert.equal(familiarName(withDefaultTag(parseReference("docker.io/library/x"))), "x");
});
