/**
 * The real Docker, to try things against by hand; the tests and the benchmark use the same pieces.
 *
 *     npm run reference -- clients                        unpacks the docker CLI with compose and buildx, prints how to use it
 *     npm run reference -- start [--dir FOLDER]           starts dockerd 28.5 in namespaces of its own
 *     npm run reference -- test [FILE...]                 runs the system tests that hold for any engine against a fresh one
 *     npm run reference -- stop [--dir FOLDER]            ends it and removes all it made
 *     npm run reference -- peer unpack|start|stop [--dir FOLDER]   the same for Debian 12's own dockerd 20.10
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder, clients, unpack } from "./debian-packages.ts";
import { type DockerdKind, findDockerd, startDockerd, stopDockerd } from "./dockerd.ts";

const usage =
  "usage: npm run reference -- clients | start | stop | test [FILE...] | peer unpack|start|stop   [--dir FOLDER]";

async function serve(kind: DockerdKind, folder: string): Promise<void> {
  const daemon = findDockerd(folder) ?? (await startDockerd(kind, { folder, isIsolated: true }));
  const { docker, config } = clients();
  console.log(`reference: ${kind} dockerd answers at ${daemon.host}`);
  console.log(`  DOCKER_HOST=${daemon.host} DOCKER_CONFIG=${config} ${docker} version`);
  console.log(`  its network: nsenter -t ${daemon.pid} -n`);
}

/** Whether the expectations of the system tests are Docker's: runs them in the network of a dockerd made for it. */
async function testAgainst(folder: string, files: readonly string[]): Promise<void> {
  const system = join(import.meta.dirname, "../test/system");
  const chosen = files.length > 0 ? files : readdirSync(system).filter((name) => name.startsWith("docker-"));
  const daemon = await startDockerd("reference", { folder, isIsolated: true });
  try {
    const line = [
      "-t",
      String(daemon.pid),
      "-n",
      process.execPath,
      "--test",
      "--test-concurrency=1",
      "--test-timeout=120000",
    ];
    const env = { ...process.env, ESCALE_TEST_HOST: daemon.host };
    const paths = chosen.map((name) => (existsSync(name) ? name : join(system, name)));
    process.exitCode = spawnSync("nsenter", [...line, ...paths], { env, stdio: "inherit" }).status ?? 1;
  } finally {
    await daemon.stop();
  }
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { dir: { type: "string" } } });
  const isPeer = positionals[0] === "peer";
  const kind: DockerdKind = isPeer ? "peer" : "reference";
  const folder = values.dir ?? join(cacheFolder, `${kind}-run`);
  switch (isPeer ? positionals[1] : positionals[0]) {
    case "clients": {
      const { docker, config } = clients();
      console.log(`reference: clients are here: DOCKER_CONFIG=${config} ${docker}`);
      return;
    }
    case "unpack":
      unpack(kind);
      return;
    case "test":
      return testAgainst(mkdtempSync(join(tmpdir(), "escale-reference-")), positionals.slice(1));
    case "start":
      return serve(kind, folder);
    case "stop":
      return stopDockerd(folder);
    default:
      console.error(usage);
      process.exitCode = 2;
  }
}

await main().catch((error: unknown) => {
  console.error(`reference: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
