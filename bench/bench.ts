/**
 * Measures Escale beside Debian's dockerd, in one run, with the same client and the same work. Prints one line per metric:
 * name, median of the peer, ours, ours / peer, unit, which direction is better, and what the metric has to reach.
 *
 *     npm run bench [-- REGEX] [-- --json] [-- --peer-host unix://… --ours-host unix://…]
 *
 * Without hosts it starts both daemons on fresh data roots in a network namespace made for the run.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { busyboxFiles } from "../test/kit/images.ts";
import { tarOf } from "../test/kit/tar.ts";
import { measureBoth, type Outcome } from "./metric.ts";
import { crowdMetrics, idleMetrics } from "./metrics/daemon.ts";
import { execMetrics } from "./metrics/exec.ts";
import { runMetrics } from "./metrics/run.ts";
import { streamMetrics } from "./metrics/streams.ts";
import { openSide, removeAll, type Side } from "./side.ts";
import { enterWorld, isInside, startOurs, startPeer } from "./world.ts";

const metrics = [...idleMetrics, ...runMetrics, ...execMetrics, ...crowdMetrics, ...streamMetrics];
/** Metrics that use the containers of another one. */
const needs: Readonly<Record<string, string>> = {
  api_list_40: "memory_40",
  ps_cli_40: "memory_40",
  rm_force_c4: "memory_40",
  log_read: "log_write",
  log_tail_100: "log_write",
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, "peer-host": { type: "string" }, "ours-host": { type: "string" } },
});

function number(value: number | undefined): string {
  if (value === undefined) return "FAIL";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Whether a metric reached what it has to; undefined where nothing is asked. */
function verdict({ metric, gain, isSkipped }: Outcome): "pass" | "miss" | undefined {
  if (metric.required === undefined || isSkipped) return undefined;
  return gain !== undefined && gain >= metric.required ? "pass" : "miss";
}

function line(outcome: Outcome): string {
  const { metric, peer, ours, ratio, gain, problems, isSkipped } = outcome;
  const ask =
    metric.required === undefined
      ? ""
      : `  needs x${metric.required}: ${gain === undefined ? "no value" : `x${gain.toFixed(2)}`} ${verdict(outcome)}`;
  const cells = isSkipped
    ? ["SKIP", "SKIP", "-"]
    : [number(peer), number(ours), ratio === undefined ? "-" : ratio.toFixed(2)];
  const [one = "", two = "", three = ""] = cells;
  const why = problems.map((problem) => `  [${problem.replace(/\s+/g, " ")}]`).join("");
  return `${metric.name.padEnd(24)}${one.padStart(10)}${two.padStart(10)}${three.padStart(11)}  ${metric.unit.padEnd(6)} ${metric.better.padEnd(7)}${ask}${why}`;
}

function chosen(pattern: string | undefined): readonly (typeof metrics)[number][] {
  if (pattern === undefined) return metrics;
  const names = new Set(metrics.map(({ name }) => name).filter((name) => new RegExp(pattern).test(name)));
  for (const name of [...names]) names.add(needs[name] ?? name);
  return metrics.filter(({ name }) => names.has(name));
}

async function compare(peer: Side, ours: Side): Promise<boolean> {
  const tar = tarOf(busyboxFiles());
  for (const side of [peer, ours]) {
    await side.docker(["import", "-", "bb"], { input: tar });
    await removeAll(side);
  }
  const versionOf = async (side: Side): Promise<string> => (await side.api("GET", "/version")).json().Version;
  const about = {
    peer: await versionOf(peer),
    ours: await versionOf(ours),
    processors: cpus().length,
    load: loadavg()[0],
  };
  if (!values.json) {
    console.log(
      `# peer: dockerd ${about.peer}; ours: Escale (as ${about.ours}); ${about.processors} processors, load ${about.load?.toFixed(2)}`,
    );
    console.log(
      `${"metric".padEnd(24)}${"peer".padStart(10)}${"ours".padStart(10)}${"ours/peer".padStart(11)}  unit   better`,
    );
  }
  const outcomes: Outcome[] = [];
  for (const metric of chosen(positionals[0])) {
    const outcome = await measureBoth(metric, peer, ours);
    outcomes.push(outcome);
    if (!values.json) console.log(line(outcome));
  }
  for (const side of [peer, ours]) await removeAll(side).catch(() => {});
  const misses = outcomes.filter((outcome) => verdict(outcome) === "miss");
  if (values.json) {
    const rows = outcomes.map((outcome) => {
      const { name, unit, better, required } = outcome.metric;
      const { peer, ours, ratio, problems } = outcome;
      return { name, unit, better, required, peer, ours, ratio, problems, verdict: verdict(outcome) };
    });
    console.log(JSON.stringify({ about, metrics: rows }, null, 2));
  } else {
    console.log(
      misses.length === 0
        ? "# everything that is required is reached"
        : `# missed: ${misses.map(({ metric }) => metric.name).join(", ")}`,
    );
  }
  return misses.length === 0;
}

async function main(): Promise<number> {
  const { "peer-host": peerHost, "ours-host": oursHost } = values;
  if (peerHost !== undefined && oursHost !== undefined) {
    return (await compare(openSide("peer", peerHost, 0), openSide("ours", oursHost, 0))) ? 0 : 1;
  }
  if (!isInside()) {
    const folder = mkdtempSync(join(tmpdir(), "escale-bench-"));
    try {
      return enterWorld(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
  const peer = peerHost === undefined ? await startPeer() : openSide("peer", peerHost, 0);
  const ours = oursHost === undefined ? await startOurs() : openSide("ours", oursHost, 0);
  return (await compare(peer, ours)) ? 0 : 1;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }),
);
