/** For tests: a runtime on a folder of its own, and bundles of a busybox file system. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLogger } from "../../base/logger.ts";
import { openCgroups } from "../cgroups/index.ts";
import { instanceOf } from "../instance.ts";
import { openRuntime } from "./open-runtime.ts";
import type { Runtime, RuntimeCreateOptions, RuntimeExit, RuntimeProcess } from "./runtime.ts";

/** What a test changes of the plain spec. */
export interface SpecChanges {
  readonly args: readonly string[];
  readonly process?: object;
  readonly linux?: object;
  readonly namespaces?: readonly { readonly type: string; readonly path?: string }[];
  readonly mounts?: readonly object[];
}

export interface RuntimeFixture {
  readonly folder: string;
  readonly runtime: Runtime;
  /** Opens another runtime on the same folders, as a restarted daemon does; the first must not be used any more. */
  reopen(): Promise<Runtime>;
  /** A bundle folder with its spec. */
  bundle(id: string, changes: SpecChanges): Promise<string>;
  /** Creates a container from a new bundle. */
  create(
    id: string,
    changes: SpecChanges,
    options?: Partial<RuntimeCreateOptions>,
  ): Promise<{ bundle: string; process: RuntimeProcess; logPath: string }>;
  /** The exit of a container that runs or has ended. */
  exitOf(id: string): Promise<RuntimeExit>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a file system with busybox and some users below `folder`. */
export function makeRootfs(folder: string): string {
  const rootfs = join(folder, "rootfs");
  for (const name of ["bin", "etc", "proc", "sys", "dev", "tmp", "bin/folder"]) {
    mkdirSync(join(rootfs, name), { recursive: true });
  }
  copyFileSync("/bin/busybox", join(rootfs, "bin/busybox"));
  const applets = execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" }).trim().split("\n");
  for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", join(rootfs, "bin", applet));
  writeFileSync(join(rootfs, "bin/plain"), "no program\n", { mode: 0o644 });
  writeFileSync(join(rootfs, "bin/lost"), "#!/no/such/interpreter\n", { mode: 0o755 });
  writeFileSync(join(rootfs, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  return rootfs;
}

const mounts = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"] },
  { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666", "mode=0620"] },
];

/** Opens everything; disposing it removes all that the test left. */
export async function openRuntimeFixture(): Promise<RuntimeFixture> {
  const folder = mkdtempSync(join(tmpdir(), "escale-runtime-"));
  const rootfs = makeRootfs(folder);
  const instance = instanceOf(join(folder, "data"), join(folder, "exec"));
  const log = openLogger("error", (line) => process.stderr.write(line));
  const cgroups = await openCgroups(instance.tag);
  let runtime = await openRuntime({ instance, cgroups, log });
  const exits = new Map<string, RuntimeExit>();
  const waiting = new Map<string, (exit: RuntimeExit) => void>();
  const listen = (): void =>
    runtime.onExit((exit) => {
      exits.set(exit.id, exit);
      waiting.get(exit.id)?.(exit);
    });
  listen();

  const bundle = async (id: string, changes: SpecChanges): Promise<string> => {
    const path = join(folder, "bundles", id);
    mkdirSync(path, { recursive: true });
    const namespaces = changes.namespaces ?? ["mount", "network", "uts", "pid", "ipc"].map((type) => ({ type }));
    await runtime.writeSpec(path, {
      ociVersion: "1.0.2",
      process: { user: { uid: 0, gid: 0 }, args: changes.args, cwd: "/", env: ["PATH=/bin"], ...changes.process },
      root: { path: rootfs },
      hostname: id,
      mounts: [...mounts, ...(changes.mounts ?? [])],
      linux: { cgroupsPath: `/${instance.tag}/${id}`, namespaces, ...changes.linux },
    });
    return path;
  };

  return {
    folder,
    get runtime() {
      return runtime;
    },
    reopen: async () => {
      await runtime[Symbol.asyncDispose]();
      exits.clear();
      runtime = await openRuntime({ instance, cgroups, log });
      listen();
      return runtime;
    },
    bundle,
    create: async (id, changes, options = {}) => {
      exits.delete(id);
      const path = await bundle(id, changes);
      const logPath = join(path, "container.log");
      const created = await runtime.create({
        id,
        bundle: path,
        logPath,
        tty: false,
        openStdin: false,
        leaveStdinOpen: false,
        ...options,
      });
      return { bundle: path, process: created, logPath };
    },
    exitOf: async (id) => {
      const known = exits.get(id);
      if (known !== undefined) return known;
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    [Symbol.asyncDispose]: async () => {
      for (const id of await runtime.list()) await runtime.delete(id);
      await runtime[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
