/** Bind mounts as `-v source:target[:options]` and `--mount type=bind` spell them. */
import { existsSync } from "node:fs";
import { internal, invalid } from "../../base/errors.ts";
import type { HostConfig, MountPoint, MountSpec } from "../../wire/docker/containers.ts";

/** One `-v` in its parts. */
export interface Bind {
  readonly source: string;
  readonly target: string;
  /** Comma-separated, as given. */
  readonly mode: string;
}

const propagations = ["rprivate", "private", "rshared", "shared", "rslave", "slave"];
const otherModes = ["rw", "ro", "z", "Z", "nocopy", "copy", "consistent", "cached", "delegated"];

/** Splits `source:target[:options]`. Errors: internal, as Docker answers, with its texts. */
export function parseBind(text: string): Bind {
  const parts = text.split(":");
  const [source, target, mode = ""] = parts;
  const wrong = (type: string, why: string): Error =>
    internal(`invalid volume specification: '${text}': invalid mount config for type "${type}": ${why}`);
  if (parts.length === 1) throw wrong("volume", `invalid mount path: '${text}' mount path must be absolute`);
  if (parts.length > 3 || !source || !target) throw internal(`invalid volume specification: '${text}'`);
  const type = source.startsWith("/") ? "bind" : "volume";
  if (!target.startsWith("/")) throw wrong(type, `invalid mount path: '${target}' mount path must be absolute`);
  if (target.replace(/\/+$/, "") === "") throw wrong(type, "invalid specification: destination can't be '/'");
  for (const option of mode.split(",").filter((each) => each !== "")) {
    if (![...otherModes, ...propagations].includes(option)) throw internal(`invalid mode: ${mode}`);
  }
  return { source, target, mode };
}

function refuseMount(mount: MountSpec): void {
  const wrong = (why: string): Error => invalid(`invalid mount config for type "${mount.Type}": ${why}`);
  if (!["bind", "volume", "tmpfs", "npipe", "cluster", "image"].includes(mount.Type)) throw wrong("mount type unknown");
  if (!mount.Target) throw wrong("field Target must not be empty");
  if (!mount.Target.startsWith("/")) {
    throw wrong(`invalid mount path: '${mount.Target}' mount path must be absolute`);
  }
  if (mount.Type !== "bind") return;
  if (!mount.Source) throw wrong("field Source must not be empty");
  if (!mount.Source.startsWith("/")) {
    throw wrong(`invalid mount path: '${mount.Source}' mount path must be absolute`);
  }
  // Unlike -v, --mount never makes the folder.
  if (mount.BindOptions?.CreateMountpoint !== true && !existsSync(mount.Source)) {
    throw wrong(`bind source path does not exist: ${mount.Source}`);
  }
}

/** All mounts of a container that name a place on the host, as inspect lists them. Errors: invalid, internal. */
export function mountPointsOf(host: HostConfig): MountPoint[] {
  const fromBinds = (host.Binds ?? []).map((text): MountPoint => {
    const { source, target, mode } = parseBind(text);
    const options = mode.split(",");
    return {
      Type: "bind",
      Source: source,
      Destination: target,
      Mode: mode,
      RW: !options.includes("ro"),
      Propagation: options.find((option) => propagations.includes(option)) ?? "rprivate",
    };
  });
  const fromMounts = (host.Mounts ?? []).map((mount): MountPoint => {
    refuseMount(mount);
    const propagation = mount.BindOptions?.Propagation;
    return {
      Type: mount.Type === "tmpfs" ? "tmpfs" : "bind",
      Source: mount.Source ?? "",
      Destination: mount.Target,
      Mode: "",
      RW: mount.ReadOnly !== true,
      Propagation: mount.Type === "tmpfs" ? "" : typeof propagation === "string" ? propagation : "rprivate",
    };
  });
  return [...fromBinds, ...fromMounts];
}
