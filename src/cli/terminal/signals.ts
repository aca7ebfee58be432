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

/**
 * Runs a command until it ends or is interrupted: then it ends quietly with 128 and the signal's number. Commands that
 * listen for signals themselves decide themselves.
 */
export async function untilInterrupted<T>(action: () => Promise<T>): Promise<T> {
  let onSignal = (_signal: NodeJS.Signals): void => undefined;
  const interrupted = new Promise<never>((_resolve, reject) => {
    onSignal = (signal) => {
      if (process.listenerCount(signal) === 1) reject(new CommandFailure(128 + constants.signals[signal]));
    };
  });
  interrupted.catch(() => undefined);
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await Promise.race([action(), interrupted]);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

/** Watches for a request to end, for commands that then leave what they are attached to, with exit code 0. */
export function departure(): { readonly requested: Promise<void>; readonly stop: () => void } {
  let listener = (): void => undefined;
  const requested = new Promise<void>((resolve) => {
    listener = () => resolve();
  });
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  const stop = (): void => {
    process.off("SIGINT", listener);
    process.off("SIGTERM", listener);
  };
  return { requested, stop };
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
