/** What can be told to be wrong about mounts before a container is made. Pure. */
import { invalid } from "../../base/errors.ts";
import type { HostConfig, MountSpec } from "../../wire/docker/containers.ts";
import { destinationOf } from "./user-mounts.ts";

const propagations = ["", "rprivate", "private", "rshared", "shared", "rslave", "slave"];

function checkMount(mount: MountSpec): void {
  const wrong = (why: string): Error => invalid(`invalid mount config for type "${mount.Type}": ${why}`);
  const propagation = mount.BindOptions?.Propagation ?? "";
  if (!propagations.includes(String(propagation))) throw wrong(`invalid propagation mode: ${String(propagation)}`);
  for (const [name = "", value] of mount.TmpfsOptions?.Options ?? []) {
    if (!["exec", "noexec"].includes(name) || value !== undefined) throw wrong(`invalid option: ${name}`);
  }
}

/**
 * Refuses two mounts at one place, and options that no mount has. Sources are looked at when the container starts.
 * Errors: invalid, with Docker's texts.
 */
export function checkMounts(host: Pick<HostConfig, "Binds" | "Mounts" | "Tmpfs">): void {
  const taken = new Set<string>();
  for (const target of Object.keys(host.Tmpfs ?? {})) {
    if (destinationOf(target) === "/") throw invalid("invalid specification: destination can't be '/'");
    taken.add(destinationOf(target));
  }
  const take = (destination: string, spelled: string): void => {
    if (taken.has(destination)) throw invalid(`Duplicate mount point: ${spelled}`);
    taken.add(destination);
  };
  for (const bind of host.Binds ?? []) {
    const destination = destinationOf(bind.split(":")[1] ?? "");
    take(destination, destination);
  }
  for (const mount of host.Mounts ?? []) {
    checkMount(mount);
    take(destinationOf(mount.Target), mount.Target);
  }
}
