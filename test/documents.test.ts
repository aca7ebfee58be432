/** Documents that repeat what the code says, say the same. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { statusOf } from "../src/api/docker/errors.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Cells of the rows of all tables in a document. */
function rows(path: string): string[][] {
  const lines = read(path).split("\n");
  return lines
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test("docs/errors.md has each kind of error with its status", () => {
  const documented = rows("docs/errors.md").filter(([, status = ""]) => /^\d{3}$/.test(status));
  assert.deepEqual(Object.fromEntries(documented.map(([kind = "", status]) => [kind, Number(status)])), statusOf);
});

test("the README lists each package that is installed, with its reason", () => {
  const lists: Record<string, { name: string; why: string }[]> = JSON.parse(read("scripts/packages.json"));
  const documented = rows("README.md");
  for (const { name, why } of Object.values(lists).flat()) {
    assert.ok(
      documented.some(([cell, reason]) => cell === name && reason === why),
      `README.md lacks: | ${name} | ${why} |`,
    );
  }
});

test("docs/dependencies.md names each npm package", () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read("package.json"));
  const text = rows("docs/dependencies.md")
    .map(([cell]) => cell)
    .join(" ");
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies }))
    assert.ok(text.includes(name), name);
});

test("the README names each script of package.json that people run", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts).filter((name) => !/^pre|:/.test(name));
  for (const name of scripts) {
    const command = name === "start" || name === "test" ? `npm ${name}` : `npm run ${name}`;
    assert.ok(read("README.md").includes(command), `README.md does not name ${command}`);
  }
});

test("links between documents lead to files", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ];
  const broken = documents.flatMap((path) =>
    [...read(path).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .filter(([, target = ""]) => !existsSync(join(root, dirname(path), target)))
      .map(([, target]) => `${path}: ${target}`),
  );
  assert.deepEqual(broken, []);
});
