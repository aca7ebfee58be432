/** The mounts that a user asks for: `-v`, `--mount`, `--tmpfs`. */
import { mkdir, realpath, stat } from "node:fs/promises";
import { posix } from "node:path";
import { hasCode, internal, invalid, messageOf, unsupported } from "../../base/errors.ts";
import type { HostConfig, MountSpec } from "../../wire/docker/containers.ts";
import type { Mount } from "../../wire/oci/runtime-spec.ts";
import { checkPropagation, type HostMount, hostMounts } from "./propagation.ts";
import { tmpfsOptions } from "./tmpfs-options.ts";

const propagations = ["rprivate", "private", "rshared", "shared", "rslave", "slave"];

interface Bind {
  readonly source: string;
  readonly destination: string;
  readonly readOnly: "" | "ro" | "rro";
  readonly isRecursive: boolean;
  readonly propagation: string;
  /** Whether a missing source becomes a folder. */
  readonly makesSource: boolean;
}

/** A place in the container in its shortest form. */
export function destinationOf(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 ? clean.replace(/\/+$/, "") : clean;
}

/** `source:destination[:options]`. */
function bindOfText(text: string): Bind {
  const [source = "", destination = "", mode = ""] = text.split(":");
  if (!source.startsWith("/")) throw unsupported(`a named volume (${text}) is not implemented by Escale yet`);
  const options = mode.split(",");
  return {
    source: posix.normalize(source),
    destination: destinationOf(destination),
    readOnly: options.includes("ro") ? "rro" : "",
    isRecursive: true,
    propagation: options.find((option) => propagations.includes(option)) ?? "rprivate",
    makesSource: true,
  };
}

function bindOfMount(mount: MountSpec): Bind {
  const { Propagation, NonRecursive, ReadOnlyNonRecursive, ReadOnlyForceRecursive, CreateMountpoint } =
    mount.BindOptions ?? {};
  if (ReadOnlyForceRecursive === true && mount.ReadOnly !== true) {
    throw internal("mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive");
  }
  return {
    source: posix.normalize(mount.Source ?? ""),
    destination: destinationOf(mount.Target),
    readOnly: mount.ReadOnly !== true ? "" : ReadOnlyNonRecursive === true ? "ro" : "rro",
    isRecursive: NonRecursive !== true,
    propagation: typeof Propagation === "string" && Propagation !== "" ? Propagation : "rprivate",
    makesSource: CreateMountpoint === true,
  };
}

function tmpfs(destination: string, options: readonly string[]): Mount {
  return { destination: destinationOf(destination), type: "tmpfs", source: "tmpfs", options: tmpfsOptions(options) };
}

function tmpfsOfMount(mount: MountSpec): Mount {
  const { Mode, SizeBytes, Options } = mount.TmpfsOptions ?? {};
  return tmpfs(mount.Target, [
    ...(mount.ReadOnly === true ? ["ro"] : []),
    ...(Mode ? [`mode=${Mode.toString(8)}`] : []),
    ...(SizeBytes ? [`size=${SizeBytes}`] : []),
    ...(Options ?? []).map((pair) => pair.join("=")),
  ]);
}

const createFailed =
  "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: " +
  "unable to start container process: error during container init: ";

/** The kernel's words for what keeps a folder from being made. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "file exists",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  EROFS: "read-only file system",
};

/** The real source of a bind, made where that is Docker's habit. */
async function sourceOf({ source, destination, makesSource }: Bind): Promise<string> {
  try {
    return await realpath(source);
  } catch (error) {
    if (hasCode(error, "ENOTDIR")) {
      throw invalid(
        `${createFailed}error mounting "${source}" to rootfs at "${destination}": stat ${source}: not a directory: ` +
          "Are you trying to mount a directory onto a file (or vice-versa)? " +
          "Check if the specified host path exists and is the expected type",
        { cause: error, details: { exitCode: 127 } },
      );
    }
    if (!hasCode(error, "ENOENT")) throw error;
  }
  if (!makesSource) throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${source}`);
  try {
    await mkdir(source, { recursive: true, mode: 0o755 });
    return await realpath(source);
  } catch (error) {
    const reason = hasCode(error, ...Object.keys(reasons)) ? reasons[error.code] : messageOf(error);
    throw internal(`error while creating mount source path '${source}': mkdir ${source}: ${reason}`, { cause: error });
  }
}

/** Files of /proc that a container may be given another version of: their content decides on nothing. */
const replaceable = new Set([
  ...["cpuinfo", "diskstats", "loadavg", "meminfo", "slabinfo", "stat", "swaps", "uptime", "net/dev"],
  ...["sys/kernel/ns_last_pid", "sys/crypto/fips_enabled"],
]);

/** A /proc of someone's making would undo what the runtime hides and sets there. */
function refuseOverProc({ source, destination }: Mount): void {
  const wrong = (why: string): Error =>
    internal(
      `${createFailed}error mounting "${source}" to rootfs at "${destination}": "${destination}" cannot be mounted because it is ${why}`,
    );
  if (destination === "/proc" && source !== "/proc") throw wrong("not of type proc");
  if (destination.startsWith("/proc/") && !replaceable.has(destination.slice("/proc/".length))) {
    throw wrong("inside /proc");
  }
}

async function mountOfBind(bind: Bind, mounts: () => Promise<readonly HostMount[]>): Promise<Mount> {
  const source = await sourceOf(bind);
  // crun takes only a folder for recursively read-only; a file has nothing below it.
  const readOnly = bind.readOnly === "rro" && !(await stat(source)).isDirectory() ? "ro" : bind.readOnly;
  if (/shared|slave/.test(bind.propagation)) checkPropagation(source, bind.propagation, await mounts());
  return {
    destination: bind.destination,
    type: "bind",
    source,
    options: [bind.isRecursive ? "rbind" : "bind", ...(readOnly === "" ? [] : [readOnly]), bind.propagation],
  };
}

/** What a user asked for, in mounts; `propagations` are those of the binds. */
export interface UserMounts {
  readonly mounts: readonly Mount[];
  readonly propagations: readonly string[];
}

/**
 * The mounts that the user asks for, in no particular order; a later one at the same place replaces an earlier one.
 * Makes missing folders on the host for `-v`. Errors: invalid, internal (Docker's texts), unsupported (volumes).
 */
export async function userMountsOf(host: Pick<HostConfig, "Binds" | "Mounts" | "Tmpfs">): Promise<UserMounts> {
  const binds = (host.Binds ?? []).map(bindOfText);
  const others: Mount[] = [];
  for (const mount of host.Mounts ?? []) {
    if (mount.Type === "bind") binds.push(bindOfMount(mount));
    else if (mount.Type === "tmpfs") others.push(tmpfsOfMount(mount));
    else throw unsupported(`a mount of type ${mount.Type} is not implemented by Escale yet`);
  }
  for (const [target, text] of Object.entries(host.Tmpfs ?? {})) others.push(tmpfs(target, text.split(",")));
  let known: Promise<readonly HostMount[]> | undefined;
  const readMounts = (): Promise<readonly HostMount[]> => (known ??= hostMounts());
  const mounts: Mount[] = [...(await Promise.all(binds.map((bind) => mountOfBind(bind, readMounts)))), ...others];
  mounts.forEach(refuseOverProc);
  return {
    mounts: [...new Map(mounts.map((mount) => [mount.destination, mount])).values()],
    propagations: binds.map((bind) => bind.propagation),
  };
}
