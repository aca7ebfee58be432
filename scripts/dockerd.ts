/**
 * Starts and stops a real dockerd to compare with: 28.5 (`reference`) or Debian 12's own 20.10 (`peer`). It lives in
 * network, mount and PID namespaces of its own on its own data root, so that killing one process ends all of it; what
 * is left then, folders and cgroups, is removed by `stop`.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { libraryPath, unpack } from "./debian-packages.ts";

/** Which dockerd. */
export type DockerdKind = "reference" | "peer";

/** A dockerd that answers. */
export interface Dockerd {
  /** As DOCKER_HOST takes it. */
  readonly host: string;
  /** Its first process, seen from the caller's PID namespace: `nsenter -t PID -n` enters its network. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** How to start one. */
export interface DockerdOptions {
  /** Everything of it is in this folder. */
  readonly folder: string;
  /** Whether it gets namespaces of its own; without, it shares the caller's. */
  readonly isIsolated: boolean;
}

function programs(kind: DockerdKind, folder: string): NodeJS.ProcessEnv {
  const root = unpack(kind);
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const source of [join(root, "usr/bin"), join(root, "usr/sbin")]) {
    for (const name of readdirSync(source)) {
      if (!existsSync(join(bin, name))) symlinkSync(join(source, name), join(bin, name));
    }
  }
  const init = join(root, "usr/bin/tini-static");
  if (existsSync(init) && !existsSync(join(bin, "docker-init"))) symlinkSync(init, join(bin, "docker-init"));
  return { ...process.env, ...libraryPath(root), PATH: `${bin}:${process.env.PATH}:/usr/sbin:/sbin` };
}

function cgroupParent(folder: string): string {
  return `escale-dockerd-${folder.replace(/\W+/g, "-")}`;
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(socket);
    client.setTimeout(2000, () => client.destroy());
    client.once("connect", () => client.write("GET /_ping HTTP/1.0\r\n\r\n"));
    client.once("data", (data) => {
      resolve(data.includes("200 OK"));
      client.destroy();
    });
    client.once("error", () => resolve(false));
    client.once("close", () => resolve(false));
  });
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Starts a dockerd and waits until it answers. Errors carry the end of its log. */
export async function startDockerd(kind: DockerdKind, { folder, isIsolated }: DockerdOptions): Promise<Dockerd> {
  mkdirSync(folder, { recursive: true });
  const env = programs(kind, folder);
  const socket = join(folder, "docker.sock");
  const log = join(folder, "dockerd.log");
  for (const stale of ["docker.sock", "docker.pid", "exec"])
    rmSync(join(folder, stale), { recursive: true, force: true });
  writeFileSync(join(folder, "daemon.json"), '{"shutdown-timeout": 2}\n');
  const daemon = [
    "dockerd",
    `--config-file=${folder}/daemon.json`,
    `--data-root=${folder}/data`,
    `--exec-root=${folder}/exec`,
    `--pidfile=${folder}/docker.pid`,
    `--host=unix://${socket}`,
    `--cgroup-parent=/${cgroupParent(folder)}`,
  ];
  // The shell reaps what is orphaned in the PID namespace, which dockerd would not do as its first process.
  const script = `mkdir -p /run/containerd /run/docker; mount -t tmpfs run /run/containerd; mount -t tmpfs run /run/docker
    ip link set lo up; sysctl -qw net.ipv4.ip_forward=1; trap 'kill -TERM $d' TERM; "$@" & d=$!; wait $d; wait $d`;
  const command = isIsolated
    ? [
        "unshare",
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
        ...daemon,
      ]
    : daemon;
  const output = openSync(log, "w");
  const child = spawn(command[0] ?? "", command.slice(1), { env, detached: true, stdio: ["ignore", output, output] });
  child.unref();
  const outer = child.pid ?? 0;
  for (const until = Date.now() + 60_000; !(await answers(socket)); await sleep(100)) {
    if (!isAlive(outer) || Date.now() > until) {
      if (isAlive(outer)) process.kill(outer, "SIGKILL");
      throw new Error(`dockerd does not start; its log ${log} ends:\n${readFileSync(log, "utf8").slice(-1500)}`);
    }
  }
  const pid = isIsolated ? firstChild(outer) : outer;
  writeFileSync(join(folder, "pids"), `${outer} ${pid}\n`);
  return { host: `unix://${socket}`, pid, stop: () => stopDockerd(folder) };
}

function firstChild(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
}

/** The dockerd that was started on `folder` and still runs. */
export function findDockerd(folder: string): Dockerd | undefined {
  const path = join(folder, "pids");
  if (!existsSync(path)) return undefined;
  const [outer = 0, pid = 0] = readFileSync(path, "utf8").split(" ").map(Number);
  if (!isAlive(outer) || !readFileSync(`/proc/${outer}/cmdline`, "utf8").includes(folder)) return undefined;
  return { host: `unix://${join(folder, "docker.sock")}`, pid, stop: () => stopDockerd(folder) };
}

function removeCgroups(name: string): void {
  for (const mount of readFileSync("/proc/self/mounts", "utf8").split("\n")) {
    const [, path = "", type = ""] = mount.split(" ");
    const folder = join(path, name);
    if (!type.startsWith("cgroup") || !existsSync(folder)) continue;
    spawnSync("find", [folder, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"], { stdio: "ignore" });
  }
}

/** Ends the dockerd on `folder` with all its containers, and removes everything of it but the unpacked programs. */
export async function stopDockerd(folder: string): Promise<void> {
  if (findDockerd(folder) !== undefined) {
    const [outer = 0, pid = 0] = readFileSync(join(folder, "pids"), "utf8").split(" ").map(Number);
    process.kill(pid, "SIGTERM");
    for (const until = Date.now() + 20_000; isAlive(outer) && Date.now() < until; ) await sleep(50);
    if (isAlive(outer)) process.kill(outer, "SIGKILL");
    while (isAlive(outer)) await sleep(20);
  }
  // What a shared mount namespace still holds below the folder, innermost first.
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const path of mounts.filter((mount) => mount.startsWith(`${folder}/`)).toReversed())
    spawnSync("umount", ["-l", path]);
  for (const until = Date.now() + 3000; Date.now() < until; await sleep(100)) {
    removeCgroups(cgroupParent(folder));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    if (!existsSync(folder)) return;
  }
}
