/**
 * The place in which both engines run: fresh network, mount and PID namespaces, in which localhost ports are nobody else's
 * and which take everything with them when the benchmark ends.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startDockerd } from "../scripts/dockerd.ts";
import { instanceOf } from "../src/host/instance.ts";
import { cgroupRoots } from "../test/kit/host-snapshot.ts";
import { openSide, type Side } from "./side.ts";

const mark = "ESCALE_BENCH_WORLD";

/** Whether this process is in the world already. */
export function isInside(): boolean {
  return process.env[mark] !== undefined;
}

/** Runs this program again inside a new world on `folder`; gives its exit code. Ctrl-C reaches it as it is. */
export function enterWorld(folder: string): number {
  const script = 'ip link set lo up && sysctl -qw net.ipv4.ip_forward=1 && trap : INT TERM && "$@" & wait $!';
  const line = [
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child=SIGKILL",
    "--mount-proc",
    "sh",
    "-c",
    script,
    "sh",
  ];
  const { status } = spawnSync("unshare", [...line, process.execPath, ...process.argv.slice(1)], {
    env: { ...process.env, [mark]: folder },
    stdio: "inherit",
  });
  const { tag } = instanceOf(join(folder, "ours/data"), join(folder, "ours/exec"));
  for (const root of cgroupRoots()) {
    for (const name of [tag, "escale-dockerd"]) {
      spawnSync("find", [root, "-depth", "-type", "d", "-path", `*/${name}*`, "-exec", "rmdir", "{}", ";"], {
        stdio: "ignore",
      });
    }
  }
  return status ?? 1;
}

/** Starts Debian 12's own dockerd in the world. */
export async function startPeer(): Promise<Side> {
  const daemon = await startDockerd("peer", { folder: join(process.env[mark] ?? "", "peer"), isIsolated: false });
  return openSide("peer", daemon.host, daemon.pid);
}

/** Starts Escale's daemon in the world. */
export async function startOurs(): Promise<Side> {
  const folder = join(process.env[mark] ?? "", "ours");
  mkdirSync(folder, { recursive: true });
  const host = `unix://${join(folder, "docker.sock")}`;
  const program = join(import.meta.dirname, "../bin/escale");
  const roots = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")];
  const doors = ["registry", "aws", "console"].flatMap((door) => [`--${door}-addr`, "none"]);
  const child = spawn(program, ["daemon", "-H", host, "--log-level", "warn", ...roots, ...doors], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await readiness(child);
  return openSide("ours", host, child.pid ?? 0);
}

function readiness(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (/^ready /m.test(output)) resolve();
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`Escale's daemon ended with ${code ?? signal}`)));
  });
}
