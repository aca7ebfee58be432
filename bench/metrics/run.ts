/** How long a container takes, by the stock CLI and step by step through the API. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Metric, timed } from "../metric.ts";
import { benchLabel, create, removeAll, type Side } from "../side.ts";

function runOnce(network: string): Metric {
  return {
    name: `run_rm_${network}`,
    unit: "ms",
    better: "lower",
    rounds: 11,
    warmUps: 2,
    required: 3,
    measure: async (side) => {
      let said = "";
      const took = await timed(async () => {
        said = await side.docker(["run", "--rm", "--label", benchLabel, "--network", network, "bb", "echo", "ran"]);
      });
      if (said !== "ran\n") throw new Error(`the container said ${JSON.stringify(said)}`);
      return took;
    },
  };
}

/** The same without the client: what the daemon itself takes from the request to the removal. */
function runByApi(network: string): Metric {
  return {
    name: `api_run_rm_${network}`,
    unit: "ms",
    better: "lower",
    rounds: 11,
    warmUps: 2,
    measure: (side) =>
      timed(async () => {
        const id = await create(side, network, ["sh", "-c", "exit 5"], { AutoRemove: true });
        const removed = side.api("POST", `/containers/${id}/wait?condition=removed`);
        await side.api("POST", `/containers/${id}/start`);
        const { StatusCode } = (await removed).json();
        if (StatusCode !== 5) throw new Error(`the container ended with ${StatusCode}`);
      }),
  };
}

const publish: Metric = {
  name: "run_d_bridge_publish",
  unit: "ms",
  better: "lower",
  rounds: 7,
  warmUps: 1,
  measure: async (side) => {
    let id = "";
    const took = await timed(async () => {
      const web = "mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www";
      id = (
        await side.docker(["run", "-d", "--label", benchLabel, "-p", "127.0.0.1::80", "bb", "sh", "-c", web])
      ).trim();
    });
    const inspected = (await side.api("GET", `/containers/${id}/json`)).json();
    const port = inspected.NetworkSettings.Ports["80/tcp"][0].HostPort;
    for (let tries = 0; ; tries++) {
      try {
        const page = await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } })).text();
        if (page !== "page\n") throw new Error(`the page is ${JSON.stringify(page)}`);
        return took;
      } catch (error) {
        if (tries > 40) throw error;
        await sleep(50);
      }
    }
  },
  after: removeAll,
};

const steps = ["create", "start", "stop", "rm"] as const;

/** One life of a container; the time of each step is noted, and each metric takes its own. */
async function life(side: Side, network: string): Promise<Record<(typeof steps)[number], number>> {
  let id = "";
  const script = 'trap "exit 7" TERM; echo up; while :; do sleep 100 & wait; done';
  const times = { create: 0, start: 0, stop: 0, rm: 0 };
  times.create = await timed(async () => {
    id = await create(side, network, ["sh", "-c", script]);
  });
  times.start = await timed(() => side.api("POST", `/containers/${id}/start`));
  // The shell needs a moment to set its trap.
  await sleep(150);
  times.stop = await timed(() => side.api("POST", `/containers/${id}/stop?t=5`));
  const state = (await side.api("GET", `/containers/${id}/json`)).json().State;
  if (state.ExitCode !== 7) throw new Error(`stopped with ${state.ExitCode}, not by the program's own hand`);
  times.rm = await timed(() => side.api("DELETE", `/containers/${id}`));
  return times;
}

const lives: Metric[] = steps.map((step) => ({
  name: `api_${step}_bridge`,
  unit: "ms",
  better: "lower",
  rounds: 7,
  warmUps: 1,
  measure: async (side) => (await life(side, "bridge"))[step],
  after: removeAll,
}));

const removeRunning: Metric = {
  name: "api_rm_force_running",
  unit: "ms",
  better: "lower",
  rounds: 7,
  warmUps: 1,
  measure: async (side) => {
    const id = await create(side, "bridge", ["sleep", "1000"]);
    await side.api("POST", `/containers/${id}/start`);
    const took = await timed(() => side.api("DELETE", `/containers/${id}?force=1`));
    const left: { Id: string }[] = (await side.api("GET", "/containers/json?all=1")).json();
    if (left.some((item) => item.Id === id)) throw new Error("the container is still there");
    return took;
  },
};

/** In the order in which they are measured. */
export const runMetrics: readonly Metric[] = [
  ...["none", "host", "bridge"].map(runOnce),
  ...["none", "host", "bridge"].map(runByApi),
  publish,
  ...lives,
  removeRunning,
];
