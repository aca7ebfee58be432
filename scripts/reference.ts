/**
 * The real Docker, to try things against by hand; the tests and the benchmark use the same pieces.
 *
 *     npm run reference -- clients                        unpacks the docker CLI with compose and buildx, prints how to use it
 *     npm run reference -- start [--dir FOLDER]           starts dockerd 28.5 in namespaces of its own
 *     npm run reference -- stop [--dir FOLDER]            ends it and removes all it made
 *     npm run reference -- peer unpack|start|stop [--dir FOLDER]   the same for Debian 12's own dockerd 20.10
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder, clients, unpack } from "./debian-packages.ts";
import { type DockerdKind, findDockerd, startDockerd, stopDockerd } from "./dockerd.ts";

const usage = "usage: npm run reference -- clients | start | stop | peer unpack|start|stop   [--dir FOLDER]";

async function serve(kind: DockerdKind, folder: string): Promise<void> {
  const daemon = findDockerd(folder) ?? (await startDockerd(kind, { folder, isIsolated: true }));
  const { docker, config } = clients();
  console.log(`reference: ${kind} dockerd answers at ${daemon.host}`);
  console.log(`  DOCKER_HOST=${daemon.host} DOCKER_CONFIG=${config} ${docker} version`);
  console.log(`  its network: nsenter -t ${daemon.pid} -n`);
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
