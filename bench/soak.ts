/**
 * Starts, uses and removes containers for some minutes, eight at a time, and looks for what grows or stays: the daemon's memory and
 * descriptors, and leftovers on the host.
 *
 *     npm run soak [-- MINUTES]        2 minutes if absent; ends with 1 when something grew or stayed
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { bringBusybox } from "../test/kit/bring-images.ts";
import { startDaemon } from "../test/kit/daemon.ts";
import { dockerOf } from "../test/kit/docker.ts";
import { leftovers, snapshotOfHost } from "../test/kit/host-snapshot.ts";
import { atOnce, create, openSide, removeAll } from "./side.ts";

const minutes = Number(process.argv[2] ?? 2);
/** What the heap and caches may grow by after the first tenth of the time, and how many descriptors may stay. */
const allowedMebibytes = 40;
const allowedDescriptors = 5;

function memoryOf(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;
}

const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

async function main(): Promise<number> {
  await using daemon = await startDaemon();
  await bringBusybox(dockerOf(daemon.host));
  const side = openSide("ours", daemon.host, daemon.pid());
  const round = async (): Promise<void> => {
    const lives = Array.from({ length: 16 }, (_, index) => index);
    await atOnce(8, lives, async (index) => {
      const id = await create(side, index % 2 === 0 ? "bridge" : "none", ["sh", "-c", "seq 1 1000; sleep 1000"]);
      await side.api("POST", `/containers/${id}/start`);
      const exec = (await side.api("POST", `/containers/${id}/exec`, { Cmd: ["true"], AttachStdout: true })).json().Id;
      await side.api("POST", `/exec/${exec}/start`, { Detach: false });
      await side.api("GET", `/containers/${id}/logs?stdout=1`);
      if (index % 3 === 0) await side.api("POST", `/containers/${id}/restart?t=0`);
      if (index % 4 === 0) await side.api("POST", `/containers/${id}/stop?t=0`);
      await side.api("DELETE", `/containers/${id}?force=1&v=1`);
    });
  };
  await round();
  const before = snapshotOfHost();
  const end = Date.now() + minutes * 60_000;
  const warm = Date.now() + minutes * 6_000;
  let rounds = 0;
  let base: { memory: number; descriptors: number } | undefined;
  while (Date.now() < end) {
    await round();
    rounds++;
    if (base === undefined && Date.now() > warm)
      base = { memory: memoryOf(daemon.pid()), descriptors: descriptorsOf(daemon.pid()) };
    if (rounds % 20 === 0)
      console.log(
        `soak: ${rounds * 16} containers, ${memoryOf(daemon.pid()).toFixed(1)} MiB, ${descriptorsOf(daemon.pid())} descriptors`,
      );
  }
  await removeAll(side);
  await sleep(2000);
  const problems = leftovers(before, snapshotOfHost(), daemon);
  const memory = memoryOf(daemon.pid()) - (base?.memory ?? 0);
  const descriptors = descriptorsOf(daemon.pid()) - (base?.descriptors ?? 0);
  if (memory > allowedMebibytes) problems.push(`the daemon grew by ${memory.toFixed(1)} MiB`);
  if (descriptors > allowedDescriptors) problems.push(`${descriptors} descriptors stayed open`);
  console.log(
    `soak: ${rounds * 16} containers in ${minutes} minutes; ${memory.toFixed(1)} MiB and ${descriptors} descriptors more`,
  );
  for (const problem of problems) console.error(`soak: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(`soak: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }),
);
