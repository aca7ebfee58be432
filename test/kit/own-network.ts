/** A network of its own for a test process, so that tests change nothing on the machine. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { promisify } from "node:util";
import { CLONE, unshare } from "../../src/host/libc.ts";

const execute = promisify(execFile);

/** Moves this process's main thread, and what it spawns, into a new network namespace with its loopback up. */
export function enterOwnNetwork(): void {
  unshare(CLONE.NEWNET);
  execFileSync("ip", ["link", "set", "lo", "up"]);
}

/** Runs a program in the network namespace of the file `path`, or in this one, and gives its standard output. */
export async function runIn(path: string | undefined, ...command: readonly [string, ...string[]]): Promise<string> {
  const [program, ...parameters] = path === undefined ? command : ["nsenter", `--net=${path}`, ...command];
  const { stdout } = await execute(program as string, parameters, { timeout: 10_000 });
  return stdout;
}

/** Starts a server in a network namespace; disposing ends it. */
export function serveIn(path: string | undefined, ...command: readonly [string, ...string[]]): AsyncDisposable {
  const [program, ...parameters] = path === undefined ? command : ["nsenter", `--net=${path}`, ...command];
  const child: ChildProcess = spawn(program as string, parameters, { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
