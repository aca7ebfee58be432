import type { ContainerWaitResponse } from "../../wire/docker/containers.ts";
import { isRunning } from "./record.ts";
import type { ContainerTable, Waiter } from "./table.ts";

/**
 * Registers somebody who waits for a container; from the return on nothing is missed. An abort of `signal` leaves the
 * result pending for ever. Source: ContainerWait. Errors: not-found.
 */
export function wait(
  table: ContainerTable,
  id: string,
  condition: Waiter["condition"],
  signal: AbortSignal,
): { result: Promise<ContainerWaitResponse> } {
  const container = table.resolve(id);
  const { state } = container.record;
  const isOver = !isRunning(state) && state.status !== "restarting";
  if (condition === "not-running" && isOver) {
    return { result: Promise.resolve({ StatusCode: state.exitCode }) };
  }
  const { promise, resolve } = Promise.withResolvers<ContainerWaitResponse>();
  const waiter: Waiter = {
    condition,
    resolve: (exitCode) => resolve({ StatusCode: exitCode }),
  };
  container.waiters.add(waiter);
  signal.addEventListener("abort", () => container.waiters.delete(waiter), { once: true });
  return { result: promise };
}
