/** `--sysctl`. Pure. */
import { internal } from "../../base/errors.ts";
import type { ContainerConfig, HostConfig } from "../../wire/docker/containers.ts";

const ofIpc = new Set(
  ["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"].map(
    (name) => `kernel.${name}`,
  ),
);

function refuse(name: string, why: string): never {
  throw internal(
    `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: sysctl "${name}" ${why}`,
  );
}

function check(name: string, host: Pick<HostConfig, "IpcMode" | "NetworkMode" | "UTSMode">): void {
  if (ofIpc.has(name) || name.startsWith("fs.mqueue.")) {
    if (host.IpcMode === "host") refuse(name, "is not allowed in the hosts ipc namespace");
  } else if (name.startsWith("net.")) {
    if (host.NetworkMode === "host") refuse(name, "not allowed in host network namespace");
  } else if (name === "kernel.domainname") {
    if (host.UTSMode === "host") refuse(name, "is not allowed in the hosts UTS namespace");
  } else if (name === "kernel.hostname") {
    refuse(name, 'is not allowed as it conflicts with the OCI "hostname" field');
  } else {
    refuse(name, "is not in a separate kernel namespace");
  }
}

/**
 * The kernel parameters to set in the container; those of the network are left to its sandbox.
 * Errors: internal with Docker's texts for what belongs to the host.
 */
export function sysctlsOf(
  config: Pick<ContainerConfig, "Domainname">,
  host: Pick<HostConfig, "Sysctls" | "IpcMode" | "NetworkMode" | "UTSMode">,
): Record<string, string> {
  const sysctls: Record<string, string> = {};
  if (config.Domainname !== "" && host.UTSMode !== "host") sysctls["kernel.domainname"] = config.Domainname;
  for (const [name, value] of Object.entries(host.Sysctls ?? {})) {
    check(name, host);
    if (!name.startsWith("net.")) sysctls[name] = value;
  }
  return sysctls;
}
