import { setTimeout as sleep } from "node:timers/promises";
import { conflict, hasCode, internal, notModified } from "../../base/errors.ts";
import type { ContainersDeps } from "./deps.ts";
import { giveUpRestarting } from "./exited.ts";
import { isRunning } from "./record.ts";
import { parseSignal } from "./signals.ts";
import { type Container, type ContainerTable, nameInMessages } from "./table.ts";

const defaultTimeout = 10;
/** How long the kernel may take to end a process after SIGKILL, in milliseconds. */
const patienceAfterKill = 10_000;
const sigkill = 9;

/** Sends a signal to a container's first process; one that ended this moment is no error. */
export function signalProcess(deps: ContainersDeps, container: Container, signal: number): void {
  const { process } = container.record.state;
  if (process === null) return;
  try {
    deps.runtime.kill(process, signal);
  } catch (error) {
    if (!hasCode(error, "ESRCH") && deps.runtime.isAlive(process)) throw error;
  }
}

async function endsWithin(container: Container, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const result = await Promise.race([
    container.dying.promise.then(() => true),
    milliseconds < 0 ? new Promise<never>(() => undefined) : sleep(milliseconds, false, { signal: timer.signal }),
  ]);
  timer.abort();
  return result;
}

/** Ends a container by SIGKILL and waits for its end. Errors: internal when the kernel does not end it. */
export async function killAndWait(deps: ContainersDeps, table: ContainerTable, container: Container): Promise<void> {
  if (container.record.state.status === "paused") await deps.runtime.resume(container.id);
  signalProcess(deps, container, sigkill);
  table.emit(container, "kill", { signal: String(sigkill) });
  // The end of the first process ends the others only in a PID namespace of its own.
  if (container.record.hostConfig.PidMode !== "") await deps.runtime.killAll(container.id);
  if (await endsWithin(container, patienceAfterKill)) return;
  throw internal(`tried to kill container ${nameInMessages(container)}, but did not receive an exit event`);
}

/**
 * Asks a container to end, and ends it after `timeout` seconds (undefined: its own, negative: never).
 * The caller waits for what follows the exit. Errors: invalid (signal).
 */
export async function stopRunning(
  deps: ContainersDeps,
  table: ContainerTable,
  container: Container,
  options: { timeout?: number; signal?: string },
): Promise<void> {
  const { config } = container.record;
  const signal = parseSignal(options.signal || config.StopSignal || "SIGTERM");
  const seconds = options.timeout ?? config.StopTimeout ?? defaultTimeout;
  container.isStopping = true;
  signalProcess(deps, container, signal);
  table.emit(container, "kill", { signal: String(signal) });
  if (container.record.state.status === "paused") await deps.runtime.resume(container.id);
  if (await endsWithin(container, seconds < 0 ? -1 : seconds * 1000)) return;
  await killAndWait(deps, table, container);
}

/** Sends a signal as asked. Source: ContainerKill. Errors: not-found, conflict when it does not run, invalid signal. */
export async function kill(deps: ContainersDeps, table: ContainerTable, id: string, signalText: string): Promise<void> {
  const container = table.resolve(id);
  const signal = signalText === "" ? sigkill : parseSignal(signalText);
  const { state, config, hostConfig } = container.record;
  // As Docker has it: without a stop signal of its own, any signal is taken for the wish to end the container.
  const isToEnd =
    signal === sigkill ||
    !config.StopSignal ||
    signal === parseSignal(config.StopSignal) ||
    hostConfig.RestartPolicy.Name === "unless-stopped";
  if (state.status === "restarting") {
    if (isToEnd) {
      table.update(container, { wasStoppedByUser: true });
      giveUpRestarting(table, container);
    }
    return;
  }
  if (!isRunning(state)) {
    throw conflict(`container ${container.id} is not running`);
  }
  // A restart policy must not bring back what a user ended.
  if (isToEnd) table.update(container, { wasStoppedByUser: true });
  const { promise: ended } = container.ended;
  signalProcess(deps, container, signal);
  if (signal === sigkill && state.status === "paused") await deps.runtime.resume(container.id);
  table.emit(container, "kill", { signal: String(signal) });
  if (signal === sigkill) await ended;
}

/** Errors: not-modified when it does not run. */
export function refuseToStop(container: Container): void {
  const { status } = container.record.state;
  if (!isRunning(container.record.state) && status !== "restarting") throw notModified("container is already stopped");
}
