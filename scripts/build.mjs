// Bundles src/ into dist/: a release starts faster from a few files than from hundreds that are stripped of their types.
//
//     node scripts/build.mjs [--if-needed]
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(root, "dist");
const fresh = join(root, ".cache/dist");

/** When anything that goes into the bundle was last changed. */
function newestSource() {
  const files = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Math.max(...[...paths, join(root, "package-lock.json")].map((path) => statSync(path).mtimeMs));
}

function isCurrent() {
  const main = join(output, "main.js");
  return existsSync(main) && statSync(main).mtimeMs > newestSource();
}

if (process.argv.includes("--if-needed") && isCurrent()) {
  console.log("build: dist/ is current");
} else {
  rmSync(fresh, { recursive: true, force: true });
  const options = {
    bundle: true,
    sourcemap: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // A native library is loaded from its own package.
    external: ["koffi"],
    // Dependencies in CommonJS form ask for Node's modules by `require`, which ES modules do not have.
    banner: {
      js: 'import { createRequire as _createRequire } from "node:module"; const require = _createRequire(import.meta.url);',
    },
    logLevel: "warning",
  };
  // One file each, and nothing shared: the command line starts faster from a single file than from pieces of the daemon.
  const parts = {
    name: "parts",
    setup: (bundler) =>
      bundler.onResolve({ filter: /^\.\/(cli|daemon)\/index\.ts$/ }, ({ path }) => ({
        path: `./${path.split("/")[1]}.js`,
        external: true,
      })),
  };
  await Promise.all([
    build({ ...options, entryPoints: [join(root, "src/main.ts")], outfile: join(fresh, "main.js"), plugins: [parts] }),
    build({ ...options, entryPoints: [join(root, "src/cli/index.ts")], outfile: join(fresh, "cli.js") }),
    build({ ...options, entryPoints: [join(root, "src/daemon/index.ts")], outfile: join(fresh, "daemon.js") }),
  ]);
  rmSync(output, { recursive: true, force: true });
  renameSync(fresh, output);
  console.log("build: dist/ is new");
}
