/**
 * Where a container's files are:
 *
 *     <data root>/containers/<id>/        hostname hosts resolv.conf
 *                                 container.log       all output, as conmon writes it (k8s-file)
 *                                 <id>-json.log       the same for log shippers (json-file)
 *     <exec root>/containers/<id>/        the OCI bundle: config.json, conmon's pid, sync and control files,
 *                                         shm (the /dev/shm that others may share)
 */
import { join } from "node:path";
import type { Instance } from "../../host/instance.ts";

/** The paths of one container. */
export interface ContainerPaths {
  readonly folder: string;
  readonly hostname: string;
  readonly hosts: string;
  readonly resolvConf: string;
  readonly log: string;
  readonly jsonLog: string;
  readonly bundle: string;
  /** Where the file system of a shareable /dev/shm is mounted. */
  readonly shm: string;
}

/** The paths of the container `id`. */
export function pathsOf(instance: Instance, id: string): ContainerPaths {
  const folder = join(instance.dataRoot, "containers", id);
  return {
    folder,
    hostname: join(folder, "hostname"),
    hosts: join(folder, "hosts"),
    resolvConf: join(folder, "resolv.conf"),
    log: join(folder, "container.log"),
    jsonLog: join(folder, `${id}-json.log`),
    bundle: join(instance.execRoot, "containers", id),
    shm: join(instance.execRoot, "containers", id, "shm"),
  };
}
