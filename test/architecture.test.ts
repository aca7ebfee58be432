/** Holds the code to docs/architecture.md: who may import whom, how nouns are entered, how long files are. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");

type Table = Readonly<Record<string, readonly string[]>>;

const folders: Table = {
  base: [],
  wire: ["base"],
  http: ["base"],
  host: ["base"],
  storage: ["base", "host"],
  engine: ["base", "wire", "host", "http", "storage"],
  registry: ["base", "wire", "http", "storage"],
  gateway: ["base", "wire", "host", "http", "storage"],
  swarm: ["base", "wire", "http", "storage", "engine"],
  aws: ["base", "wire", "http", "storage", "engine", "registry", "swarm", "gateway"],
  api: ["base", "wire", "http", "engine", "registry", "swarm", "aws", "gateway"],
  client: ["base", "wire", "http"],
  compose: ["base", "wire", "client"],
  cli: ["base", "wire", "client", "compose"],
  daemon: ["base", "wire", "http", "host", "storage", "engine", "registry", "gateway", "swarm", "aws", "api", "client"],
  "main.ts": ["base", "cli", "daemon"],
  web: ["wire"],
};

const engineNouns: Table = {
  events: [],
  logs: ["events"],
  spec: [],
  layers: ["events"],
  networks: ["events"],
  volumes: ["events"],
  images: ["events", "layers"],
  sandboxes: ["events", "networks"],
  containers: ["events", "logs", "spec", "layers", "networks", "volumes", "images", "sandboxes"],
  builder: ["events", "logs", "layers", "networks", "volumes", "images", "sandboxes", "containers"],
  system: ["events", "logs", "layers", "networks", "volumes", "images", "sandboxes", "containers", "builder"],
};

/** Folders whose every subfolder is a noun with a face. */
const foldersOfNouns = ["engine", "storage", "api"];

/** Which folders may import an npm package. */
const packages: Table = { koffi: ["host"], "find-my-way": ["http"] };

/** Files that are one idea and need more than the limit, with the reason. */
const longFiles: Readonly<Record<string, string>> = {};
const lineLimit = 450;

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** The imported file, relative to src/, for a relative import. */
  readonly target: string | undefined;
}

function filesBelow(folder: string, pattern: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => pattern.test(name) && !name.split("/").some((part) => ["node_modules", "dist"].includes(part)))
    .map((name) => join(folder, name));
}

const sources: readonly { path: string; text: string }[] = filesBelow(src, /\.tsx?$/).map((path) => ({
  path: relative(src, path),
  text: readFileSync(path, "utf8"),
}));

const importForms = [
  /^(?:import|export)\s[^;"]*?\bfrom\s+"([^"\n]+)"/gm,
  /^import\s+"([^"\n]+)"/gm,
  /\bimport\(\s*"([^"\n]+)"/g,
];

const imports: readonly Import[] = sources.flatMap(({ path, text }) =>
  importForms
    .flatMap((form) => [...text.matchAll(form)])
    .map(([, specifier = ""]) => ({
      file: path,
      specifier,
      target: specifier.startsWith(".") ? relative(src, resolve(src, dirname(path), specifier)) : undefined,
    })),
);

/** Unit tests may use what all tests share, and try their noun as others meet it. */
function isUsedByTest(file: string, target: string): boolean {
  return file.endsWith(".test.ts") && (target.startsWith("../test/kit/") || target === `${dirname(file)}/index.ts`);
}

const first = (path: string): string => path.split("/")[0] ?? "";

function violations(
  table: Table,
  unitOf: (path: string) => string | undefined,
  what: (unit: string) => string,
): string[] {
  return imports.flatMap(({ file, target }) => {
    if (target === undefined || isUsedByTest(file, target)) return [];
    const from = unitOf(file);
    const to = unitOf(target);
    if (from === undefined || to === undefined || from === to) return [];
    const allowed = table[from];
    if (allowed === undefined) return [`${what(from)} (${file}) is not in the table of docs/architecture.md`];
    if (allowed.includes(to)) return [];
    return [`${what(from)} may not import ${what(to)} (allowed: ${allowed.join(" ") || "nothing"}): ${file}`];
  });
}

/** The table in docs/architecture.md whose first column is headed `heading`. */
function documented(heading: string): Table {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const rows = text.split(`| ${heading} | may import |\n|---|---|\n`)[1]?.split("\n\n")[0]?.split("\n") ?? [];
  return Object.fromEntries(
    rows.map((row) => {
      const [, name = "", list = ""] = row.split("|").map((cell) => cell.trim());
      return [name, list === "–" ? [] : list.split(" ")];
    }),
  );
}

test("docs/architecture.md has the tables that are checked here", () => {
  assert.deepEqual(documented("folder"), folders);
  assert.deepEqual(documented("noun"), engineNouns);
});

test("folders import only what the table allows", () => {
  assert.ok(imports.length > 100, "the scan finds no imports");
  assert.deepEqual(
    violations(folders, first, (unit) => (unit.endsWith(".ts") ? unit : `${unit}/`)),
    [],
  );
});

test("nouns of the engine import only what stands below them", () => {
  const noun = (path: string): string | undefined => (first(path) === "engine" ? path.split("/")[1] : undefined);
  assert.deepEqual(
    violations(engineNouns, noun, (unit) => `engine/${unit}/`),
    [],
  );
});

test("a noun is entered by its index.ts only, and never from inside", () => {
  const faces = new Set(sources.map(({ path }) => path).filter((path) => path.endsWith("/index.ts")));
  const wrong = imports.flatMap(({ file, target }) => {
    if (target === undefined || isUsedByTest(file, target)) return [];
    if (faces.has(target) && dirname(target) === dirname(file))
      return [`${file} is inside ${dirname(target)}/: import the file itself`];
    const parts = target.split("/");
    const nouns = parts
      .map((_, length) => parts.slice(0, length).join("/"))
      .filter((folder) => faces.has(`${folder}/index.ts`));
    const foreign = nouns.find((folder) => !file.startsWith(`${folder}/`));
    return foreign === undefined || target === `${foreign}/index.ts`
      ? []
      : [`${file}: enter ${foreign}/ by its index.ts, not by ${target}`];
  });
  assert.deepEqual(wrong, []);
});

test("every noun has a face: a comment that says what it is, and re-exports", () => {
  const nouns = foldersOfNouns.flatMap((folder) => {
    const path = join(src, folder);
    if (!existsSync(path)) return [];
    const inside = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return inside.map((entry) => `${folder}/${entry.name}/index.ts`);
  });
  const byPath = new Map(sources.map(({ path, text }) => [path, text]));
  assert.deepEqual(
    nouns.filter((path) => !byPath.has(path)),
    [],
    "a noun without index.ts",
  );
  for (const [path, text] of byPath) {
    if (!path.endsWith("/index.ts")) continue;
    assert.match(text, /^\/\*\*/, `${path} does not begin with a comment that says what the noun is`);
    const rest = text
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
      .replace(/export (type )?\{[^}]*\} from "[^"]+";/g, "")
      .trim();
    assert.equal(rest, "", `${path} has more than named re-exports`);
  }
});

test("npm packages are used only where they belong, and are declared", () => {
  const declared = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies;
  const wrong = imports.flatMap(({ file, specifier, target }) => {
    if (target !== undefined || specifier.startsWith("node:")) return [];
    if (!(specifier in declared)) return [`${file}: ${specifier} is not in dependencies of package.json`];
    return packages[specifier]?.includes(first(file))
      ? []
      : [`${file}: ${specifier} belongs in ${packages[specifier] ?? "no folder"}`];
  });
  assert.deepEqual(wrong, []);
});

test("imports are relative with their ending, or of a package", () => {
  const wrong = imports.filter(
    ({ file, target }) => target !== undefined && !existsSync(join(src, target)) && file !== "",
  );
  assert.deepEqual(
    wrong.map(({ file, specifier }) => `${file}: ${specifier}`),
    [],
  );
});

test(`files have at most ${lineLimit} lines`, () => {
  const written = ["src", "test", "bench", "scripts", "examples"].flatMap((folder) =>
    filesBelow(join(root, folder), /\.(ts|tsx|mjs|py|sh)$/),
  );
  const long = written.flatMap((path) => {
    const lines = readFileSync(path, "utf8").split("\n").length - 1;
    return lines > lineLimit && !(relative(root, path) in longFiles) ? [`${relative(root, path)}: ${lines} lines`] : [];
  });
  assert.deepEqual(long, [], "split them, or give the reason in longFiles");
});

test("no address of a registry, mirror or package host is written down", () => {
  const text = ["src", "test", "bench", "scripts", "examples", "docs", ".ci"].flatMap((folder) =>
    filesBelow(join(root, folder), /\.(ts|tsx|mjs|py|sh|md|json)$|\/run$/),
  );
  const found = [...text, join(root, "README.md"), join(root, "CONTRIBUTING.md")].flatMap((path) => {
    if (!existsSync(path) || path === import.meta.filename) return [];
    const hosts = readFileSync(path, "utf8").matchAll(
      /https?:\/\/([\w.-]*(?:debian|npm|docker|registry|quay|ghcr|gcr|mirror|ecr|pypi)[\w-]*\.[\w.-]+)/g,
    );
    return [...hosts].map(([, host]) => `${relative(root, path)}: ${host}`);
  });
  assert.deepEqual(found, []);
});
