/** One health check: an exec in the container whose exit code and first output count. */
import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "../../base/durations.ts";
import { hasCode, messageOf } from "../../base/errors.ts";
import { kill } from "../../host/libc.ts";
import { startTimeOf } from "../../host/processes.ts";
import type { Execs } from "./exec.ts";
import type { HealthPlan } from "./health.ts";
import type { CheckResult } from "./health-loop.ts";
import type { Container } from "./table.ts";

/** So many bytes of a check's output are kept. */
const longestOutput = 4096;
const sigkill = 9;
/** How long a killed check may take to end, in milliseconds: one in a frozen container does not. */
const patienceAfterKill = 1000;

/** The first bytes of an output; dots tell that there was more. */
class Output {
  readonly #pieces: Buffer[] = [];
  #size = 0;
  #isCut = false;

  add(data: Buffer): void {
    const room = longestOutput - this.#size;
    if (data.length > room) this.#isCut = true;
    if (room <= 0) return;
    // A copy: the piece would keep all of what was read alive.
    const piece = Buffer.from(data.subarray(0, room));
    this.#pieces.push(piece);
    this.#size += piece.length;
  }

  text(): string {
    return `${Buffer.concat(this.#pieces).toString()}${this.#isCut ? "..." : ""}`;
  }
}

/** Ends an exec with what it has started, as far as that stayed in its process group. */
function killExec(pid: number, startTime: string | undefined): void {
  if (startTime === undefined || startTimeOf(pid) !== startTime) return;
  for (const target of [-pid, pid]) {
    try {
      kill(target, sigkill);
    } catch (error) {
      if (!hasCode(error, "ESRCH")) throw error;
    }
  }
}

/** Runs a check; an abort or the plan's time-out kills it. Never rejects. */
export async function checkHealth(
  execs: Pick<Execs, "create" | "launchWatched">,
  container: Container,
  plan: HealthPlan,
  signal: AbortSignal,
): Promise<CheckResult> {
  const output = new Output();
  const deadline = AbortSignal.timeout(Math.ceil(plan.timeout));
  try {
    const execId = await execs.create(container.id, {
      Cmd: [...plan.command],
      AttachStdout: true,
      AttachStderr: true,
    });
    const { pid, attachment, exit } = await execs.launchWatched(execId);
    const startTime = startTimeOf(pid);
    // conmon's packets begin with a byte that tells the stream.
    attachment?.socket.on("data", (packet: Buffer) => output.add(packet.subarray(1)));
    const stop = AbortSignal.any([signal, deadline]);
    const stopped = Promise.withResolvers<undefined>();
    const onStop = (): void => stopped.resolve(undefined);
    if (stop.aborted) onStop();
    else stop.addEventListener("abort", onStop, { once: true });
    const exitCode = await Promise.race([exit, stopped.promise]);
    stop.removeEventListener("abort", onStop);
    if (exitCode !== undefined) return { exitCode, output: output.text() };
    killExec(pid, startTime);
    await Promise.race([exit, sleep(patienceAfterKill, undefined, { ref: false })]);
    attachment?.socket.destroy();
    const said = output.text();
    const span = formatDuration(BigInt(Math.round(plan.timeout * 1e6)));
    return { exitCode: -1, output: `Health check exceeded timeout (${span})${said === "" ? "" : `: ${said}`}` };
  } catch (error) {
    return { exitCode: -1, output: messageOf(error) };
  }
}
