// Makes a checkout ready on Debian 12: packages, npm dependencies, the bundle. Does only what is missing, so that it may
// run before everything else. It is plain JavaScript because it runs on the system's Node, before the pinned one is here.
//
//     node scripts/setup.mjs [--for tests|bench]     also what the tests or the benchmark need
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const started = Date.now();

/** @param {string} text */
function say(text) {
  console.log(`setup: [${((Date.now() - started) / 1000).toFixed(1)} s] ${text}`);
}

/** @param {string} text */
function fail(text) {
  console.error(`setup: ${text}`);
  process.exit(1);
}

/**
 * Runs a program with its output visible; ends the setup if it fails.
 * @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) fail(`'${[command, ...args].join(" ")}' ${error ? error.message : `ended with ${status}`}`);
}

/** @param {string} command */
function isOnPath(command) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(join(folder, command)));
}

function isDebian12() {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^ID=debian$/m.test(release) && /^VERSION_ID="?12"?$/m.test(release);
}

/** @param {string} name */
function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own way to name a field
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f", "${db:Status-Status}", name], { encoding: "utf8" });
  return stdout === "installed";
}

/** @param {string[]} lists */
function missingPackages(lists) {
  const packages = JSON.parse(readFileSync(join(root, "scripts/packages.json"), "utf8"));
  const wanted = lists.flatMap((list) => packages[list]);
  const isHere = isDebian12() ? ({ name }) => isInstalled(name) : ({ command }) => isOnPath(command);
  return wanted.filter((item) => !isHere(item)).map(({ name }) => name);
}

/** @param {string[]} lists */
function installPackages(lists) {
  const missing = missingPackages(lists);
  if (missing.length === 0) return say("system packages: all here");
  const isRoot = process.getuid?.() === 0;
  if (!isDebian12()) {
    fail(
      `this is not Debian 12, and these programs are missing: ${missing.join(", ")} (names of Debian's packages).\n` +
        "Install them by your system's package manager, then run npm run setup again.",
    );
  }
  if (!isRoot) {
    fail(
      `these packages are missing and only root can install them: ${missing.join(", ")}\n` +
        `Run: sudo apt-get update && sudo apt-get install --no-install-recommends ${missing.join(" ")}\n` +
        "Then run npm run setup again. (The daemon itself runs as root too.)",
    );
  }
  say(`system packages: installing ${missing.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const retries = ["-o", "Acquire::Retries=3"];
  run("apt-get", [...retries, "-q", "update"], env);
  run("apt-get", [...retries, "-qy", "-o", "Dpkg::Use-Pty=0", "install", "--no-install-recommends", ...missing], env);
  const still = missingPackages(lists);
  if (still.length > 0)
    fail(`apt-get succeeded, but the programs of these packages are not found: ${still.join(", ")}`);
}

function installModules() {
  const mark = join(modules, ".escale-setup");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(process.arch)
    .digest("hex");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return say("npm packages: all here");
  say("npm packages: npm ci");
  // npm ci deletes node_modules, and with it the pinned Node: it has to run on the system's one.
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(modules));
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { ...process.env, PATH: path.join(delimiter) });
  const check = "const k=require('koffi');process.exit(k.load(null).func('int getpid()')()===process.pid?0:1)";
  if (!existsSync(pinnedNode)) fail(`npm did not install ${pinnedNode}: are optional dependencies turned off?`);
  run(pinnedNode, ["-e", check]);
  writeFileSync(mark, wanted);
}

/**
 * crun refuses a hybrid layout in which a controller is left in the unified hierarchy. Giving hugetlb a v1 hierarchy of
 * its own is enough.
 */
function prepareCgroups() {
  const unified = "/sys/fs/cgroup/unified/cgroup.controllers";
  if (process.getuid?.() !== 0 || !existsSync(unified)) return;
  if (!readFileSync(unified, "utf8").split(/\s/).includes("hugetlb")) return;
  say("cgroups: mounting hugetlb as v1");
  mkdirSync("/sys/fs/cgroup/hugetlb", { recursive: true });
  run("mount", ["-t", "cgroup", "-o", "hugetlb", "cgroup", "/sys/fs/cgroup/hugetlb"]);
}

const purpose = process.argv[process.argv.indexOf("--for") + 1];
const lists = purpose === "tests" || purpose === "bench" ? ["runtime", "tests"] : ["runtime"];
const pinnedNode = join(modules, `node-linux-${process.arch}`, "bin", "node");

if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
  fail(`Escale runs on Linux on x64 or arm64; this is ${process.platform} on ${process.arch}.`);
}
installPackages(lists);
installModules();
prepareCgroups();
run(pinnedNode, [join(root, "scripts/build.mjs"), "--if-needed"]);
if (lists.includes("tests")) run(pinnedNode, [join(root, "scripts/reference.ts"), "clients"]);
if (purpose === "bench") run(pinnedNode, [join(root, "scripts/reference.ts"), "peer", "unpack"]);
say("done");
