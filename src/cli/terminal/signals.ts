/** Signals to this process: passed on to containers, or the end of the command. */
import { constants } from "node:os";
import { CommandFailure } from "../command.ts";

/** Signals that are passed on to a container. Those that Node keeps for itself or that mean the terminal are not. */
const forwarded: readonly NodeJS.Signals[] = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGCONT",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
];

/** Calls `send` with the name of each signal that arrives, without `SIG`, until the returned function is called. */
export function forwardSignals(send: (name: string) => void): () => void {
  const listener = (signal: NodeJS.Signals): void => send(signal.replace(/^SIG/, ""));
  for (const signal of forwarded) process.on(signal, listener);
  return () => {
    for (const signal of forwarded) process.off(signal, listener);
  };
}

/** How a command ends by a signal: quietly, with 128 and the signal's number. */
export function endedBy(signal: NodeJS.Signals): CommandFailure {
  return new CommandFailure(128 + constants.signals[signal]);
}

/** Runs `action` with a signal that aborts, with the failure to end by, when the person interrupts the command. */
export async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const listener = (signal: NodeJS.Signals): void => controller.abort(endedBy(signal));
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  try {
    return await action(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw error;
  } finally {
    process.off("SIGINT", listener);
    process.off("SIGTERM", listener);
  }
}

/** Watches for the third request to end the process, after which waiting on is pointless. */
export function terminationLimit(): { readonly reached: Promise<never>; readonly stop: () => void } {
  let count = 0;
  let listener = (): void => undefined;
  const reached = new Promise<never>((_resolve, reject) => {
    listener = () => {
      count++;
      if (count === 3) reject(new CommandFailure(1, "\ngot 3 SIGTERM/SIGINTs, forcefully exiting"));
    };
  });
  reached.catch(() => undefined);
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  const stop = (): void => {
    process.off("SIGINT", listener);
    process.off("SIGTERM", listener);
  };
  return { reached, stop };
}
