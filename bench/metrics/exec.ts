/** Commands in a running container. */
import { type Metric, timed } from "../metric.ts";
import { atOnce, create, removeAll, type Side } from "../side.ts";

async function bringUp(side: Side): Promise<void> {
  const id = await create(side, "bridge", ["sleep", "1000"]);
  await side.api("POST", `/containers/${id}/start`);
  side.notes.set("exec", id);
}

async function execOnce(side: Side): Promise<void> {
  const id = side.notes.get("exec");
  const request = { Cmd: ["echo", "ran"], AttachStdout: true, AttachStderr: true };
  const exec = (await side.api("POST", `/containers/${id}/exec`, request)).json().Id;
  const { body } = await side.api("POST", `/exec/${exec}/start`, { Detach: false, Tty: false });
  if (!body.includes("ran\n")) throw new Error(`the command said ${body.toString("latin1")}`);
  const { ExitCode } = (await side.api("GET", `/exec/${exec}/json`)).json();
  if (ExitCode !== 0) throw new Error(`the command ended with ${ExitCode}`);
}

function rate(width: number): Metric {
  const count = 64;
  return {
    name: width === 1 ? "exec_rate_seq" : `exec_rate_c${width}`,
    unit: "/s",
    better: "higher",
    rounds: 3,
    warmUps: 1,
    before: bringUp,
    measure: async (side) => {
      const all = Array.from({ length: count }, (_, index) => index);
      return count / ((await timed(() => atOnce(width, all, () => execOnce(side)))) / 1000);
    },
    after: removeAll,
  };
}

const byCli: Metric = {
  name: "exec_cli",
  unit: "ms",
  better: "lower",
  rounds: 15,
  warmUps: 2,
  required: 1.5,
  before: async (side) => {
    if (side.notes.get("exec_cli") === undefined) await bringUp(side);
    side.notes.set("exec_cli", true);
  },
  measure: (side) =>
    timed(async () => {
      const said = await side.docker(["exec", String(side.notes.get("exec")), "echo", "ran"]);
      if (said !== "ran\n") throw new Error(`the command said ${JSON.stringify(said)}`);
    }),
};

/** In the order in which they are measured. */
export const execMetrics: readonly Metric[] = [byCli, rate(1), rate(8)];
