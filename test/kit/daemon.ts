/** Starts Escale's daemon as people do, on folders of its own, and removes all that it made, also when a test fails. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { instanceOf } from "../../src/host/instance.ts";
import { cgroupRoots, processes } from "./host-snapshot.ts";

const program = join(import.meta.dirname, "../../bin/escale");

/** How to start one. */
export interface DaemonOptions {
  /** More arguments of `escale daemon`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs the daemon, such as `["nsenter", "-t", "1", "-n"]`. */
  readonly wrapper?: readonly string[];
  /** Folder for data, sockets and all else; a new temporary one if absent. */
  readonly folder?: string;
}

/** A daemon that a test started. */
export interface TestDaemon extends AsyncDisposable {
  /** As DOCKER_HOST takes it. */
  readonly host: string;
  readonly folder: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  /** What its things on the host are called; see src/host/instance.ts. */
  readonly tag: string;
  /** Process number of the daemon that runs now. */
  pid(): number;
  /** What it wrote to standard error since the first start. */
  log(): string;
  /** Kills the daemon, by default so that it notices nothing, and waits until it is gone; containers stay. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after {@link kill}, on the same folders; gives the milliseconds until it was ready. */
  start(): Promise<number>;
}

function below(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Removes whatever an instance has on the host, without asking a daemon: for after failures and SIGKILLs. */
export function removeInstance(tag: string, folder: string): void {
  const own = processes().filter(({ command, cgroup, pid }) => {
    return pid !== process.pid && (cgroup.includes(`/${tag}`) || command.includes(`${folder}/`));
  });
  for (const { pid } of own) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const path of mounts.toReversed()) {
    if (below(path, folder) || path.startsWith(`/run/netns/${tag}`)) spawnSync("umount", ["-l", path]);
  }
  for (const line of spawnSync("ip", ["-brief", "link"], { encoding: "utf8" }).stdout.split("\n")) {
    const name = line.split(/[\s@]/)[0] ?? "";
    if (name.startsWith(tag)) spawnSync("ip", ["link", "del", name]);
  }
  for (const line of spawnSync("nft", ["list", "tables"], { encoding: "utf8" }).stdout.split("\n")) {
    const [, family = "", name = ""] = line.split(" ");
    if (name.includes(tag)) spawnSync("nft", ["delete", "table", family, name]);
  }
  for (const root of cgroupRoots()) {
    spawnSync("find", [root, "-depth", "-type", "d", "-path", `*/${tag}*`, "-exec", "rmdir", "{}", ";"]);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Waits for the line `ready docker=…`; rejects with the log when the daemon ends first. */
function readiness(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (what: string): void => reject(new Error(`${what}; its log ends:\n${log().slice(-3000)}`));
    const timer = setTimeout(() => fail("the daemon is not ready after 30 s"), 30_000);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (!/^ready docker=\S+ registry=\S+ aws=\S+ console=\S+$/m.test(output)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      fail(`the daemon ended with ${code ?? signal}`);
    });
    child.once("error", reject);
  });
}

/** Starts a daemon and waits until it is ready. Dispose of it at the end. */
export async function startDaemon(options: DaemonOptions = {}): Promise<TestDaemon> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "escale-test-"));
  const dataRoot = join(folder, "data");
  const execRoot = join(folder, "exec");
  const host = `unix://${join(folder, "docker.sock")}`;
  const { tag } = instanceOf(dataRoot, execRoot);
  const doors = ["registry", "aws", "console"].flatMap((door) => [`--${door}-addr`, "none"]);
  const line = [
    ...(options.wrapper ?? []),
    program,
    "daemon",
    ...["-H", host, "--data-root", dataRoot, "--exec-root", execRoot, "--pidfile", join(folder, "pid")],
    ...doors,
    ...(options.args ?? []),
  ];
  let log = "";
  let child: ChildProcess | undefined;

  const start = async (): Promise<number> => {
    const began = performance.now();
    const started = spawn(line[0] ?? "", line.slice(1), {
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    started.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    await readiness(started, () => log);
    return performance.now() - began;
  };
  const kill = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    const timer = setTimeout(() => running.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(timer);
  };
  const dispose = async (): Promise<void> => {
    await kill("SIGTERM");
    removeInstance(tag, folder);
    // The kernel takes namespaces and cgroups apart a little later.
    await sleep(20);
    removeInstance(tag, folder);
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    host,
    folder,
    dataRoot,
    execRoot,
    tag,
    pid: () => child?.pid ?? 0,
    log: () => log,
    kill,
    start,
    [Symbol.asyncDispose]: dispose,
  };
}

/** Runs `body` with a daemon of its own; shows the daemon's log when it fails. */
export async function withDaemon(
  body: (daemon: TestDaemon) => Promise<void>,
  options: DaemonOptions = {},
): Promise<void> {
  await using daemon = await startDaemon(options);
  try {
    await body(daemon);
  } catch (error) {
    console.error(`the daemon's log ends:\n${daemon.log().slice(-3000)}`);
    throw error;
  }
}
