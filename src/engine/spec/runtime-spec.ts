/** From a container's configuration to the `config.json` that the runtime reads. */
import { hasCode, internal } from "../../base/errors.ts";
import type { Instance } from "../../host/instance.ts";
import { makeFolderInRoot } from "../../host/root-path.ts";
import type { ContainerConfig, ExecCreateRequest, HostConfig } from "../../wire/docker/containers.ts";
import type { Namespace, Process, RuntimeSpec, Seccomp } from "../../wire/oci/runtime-spec.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { devicesOf } from "./devices.ts";
import { findInit, hasInit, initArguments } from "./init.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { mountsOf, type NetworkFiles } from "./mounts.ts";
import { execProcess, mainProcess } from "./process.ts";
import { rootPropagation } from "./propagation.ts";
import { resourcesOf } from "./resources.ts";
import { defaultSeccomp } from "./seccomp.ts";
import { lowerProfile } from "./seccomp-profile.ts";
import { securityOptionsOf } from "./security-options.ts";
import { sysctlsOf } from "./sysctls.ts";
import { userMountsOf } from "./user-mounts.ts";

/** A container to run. `config` and `hostConfig` have every default filled in. */
export interface RuntimeSpecRequest extends NetworkFiles {
  readonly instance: Pick<Instance, "tag">;
  readonly id: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly path: string;
  readonly args: readonly string[];
  /** The mounted root file system. */
  readonly rootfs: string;
  /** Undefined for the host's network. */
  readonly networkNamespacePath: string | undefined;
  /** Files of another container's namespaces, where it joins them. */
  readonly pidNamespacePath?: string | undefined;
  readonly ipcNamespacePath?: string | undefined;
  /** A mounted file system on the host for /dev/shm; without it the container gets one of its own. */
  readonly shmPath?: string | undefined;
}

/** A process to run in a running container. */
export interface ExecProcessRequest {
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** The root file system as the host sees it. */
  readonly rootfs: string;
  readonly request: ExecCreateRequest;
}

/** The version of the OCI runtime specification that the result is in the form of; crun 1.8 knows it as well. */
const ociVersion = "1.0.2";

function namespacesOf(host: HostConfig, request: RuntimeSpecRequest): Namespace[] {
  const { networkNamespacePath } = request;
  const namespace = (type: Namespace["type"], path: string | undefined): Namespace => ({
    type,
    ...(path !== undefined && { path }),
  });
  const namespaces: Namespace[] = [{ type: "mount" }];
  if (networkNamespacePath !== undefined) namespaces.push({ type: "network", path: networkNamespacePath });
  if (host.UTSMode !== "host") namespaces.push({ type: "uts" });
  if (host.PidMode !== "host") namespaces.push(namespace("pid", request.pidNamespacePath));
  if (host.IpcMode !== "host") namespaces.push(namespace("ipc", request.ipcNamespacePath));
  if (host.CgroupnsMode === "private") namespaces.push({ type: "cgroup" });
  return namespaces;
}

function seccompOf(host: HostConfig, profile: string, machine: Machine): Seccomp | undefined {
  if (host.Privileged && profile === "default") return undefined;
  if (profile === "unconfined") return undefined;
  const capabilities = capabilitiesOf(host, machine.capabilities);
  return profile === "default" ? defaultSeccomp(capabilities, machine) : lowerProfile(profile, capabilities, machine);
}

/** Docker makes a missing working directory, owned by root. */
function makeWorkingDirectory(rootfs: string, path: string): void {
  if (path === "" || path === "/") return;
  try {
    makeFolderInRoot(rootfs, path);
  } catch (error) {
    if (hasCode(error, "ENOTDIR", "EEXIST")) throw internal(`Cannot mkdir: ${path} is not a directory`);
    throw error;
  }
}

/**
 * The complete `config.json` of a container. Makes its working directory, and the missing sources of its binds.
 * Errors: what Docker answers at start, with its texts; mostly internal.
 */
export async function toRuntimeSpec(request: RuntimeSpecRequest): Promise<RuntimeSpec> {
  const { config, hostConfig, rootfs } = request;
  const machine = thisMachine();
  const security = securityOptionsOf(hostConfig);
  const init = hasInit(hostConfig) ? await findInit() : undefined;
  const main = mainProcess(request, machine);
  const process = init === undefined ? main : { ...main, args: [...initArguments, ...main.args] };
  const sysctl = sysctlsOf(config, hostConfig);
  const seccomp = seccompOf(hostConfig, security.seccomp, machine);
  const [{ devices, rules }, user] = await Promise.all([devicesOf(hostConfig), userMountsOf(hostConfig)]);
  const resources = await resourcesOf(hostConfig, rules, machine);
  makeWorkingDirectory(rootfs, config.WorkingDir);
  const propagation = rootPropagation(user.propagations);
  return {
    ociVersion,
    process,
    root: { path: rootfs, ...(hostConfig.ReadonlyRootfs && { readonly: true }) },
    ...(hostConfig.UTSMode !== "host" && { hostname: config.Hostname }),
    mounts: mountsOf(hostConfig, {
      user: user.mounts,
      files: request,
      init,
      shmPath: request.shmPath,
      isCgroupWritable: hostConfig.Privileged || security.hasWritableCgroups,
    }),
    ...(hostConfig.Annotations !== undefined && { annotations: hostConfig.Annotations }),
    linux: {
      namespaces: namespacesOf(hostConfig, request),
      ...(devices.length > 0 && { devices }),
      cgroupsPath: `/${request.instance.tag}/${request.id}`,
      resources,
      ...(propagation !== undefined && { rootfsPropagation: propagation }),
      ...(seccomp !== undefined && { seccomp }),
      ...(Object.keys(sysctl).length > 0 && { sysctl }),
      ...(hostConfig.MaskedPaths !== null && { maskedPaths: hostConfig.MaskedPaths }),
      ...(hostConfig.ReadonlyPaths !== null && { readonlyPaths: hostConfig.ReadonlyPaths }),
    },
  };
}

/** The process document of an exec. Errors: what Docker answers when it starts, with its texts. */
export async function toExecProcess(request: ExecProcessRequest): Promise<Process> {
  return execProcess(request, thisMachine());
}
