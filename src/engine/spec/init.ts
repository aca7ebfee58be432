/** The small init of `--init`: it is the first process, passes signals on and reaps what is orphaned. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { unavailable } from "../../base/errors.ts";
import type { HostConfig } from "../../wire/docker/containers.ts";
import type { Mount } from "../../wire/oci/runtime-spec.ts";

/** Where a container sees it, as with Docker. */
const pathInside = "/sbin/docker-init";
/** Linked statically, since a container has other libraries or none. */
const programs = ["/usr/bin/tini-static", "/usr/bin/catatonit", "/usr/libexec/podman/catatonit"];

/** What stands before a container's command line. */
export const initArguments: readonly string[] = [pathInside, "--"];

/** Whether a container gets one: in another's PID namespace there is one already. */
export function hasInit(host: Pick<HostConfig, "Init" | "PidMode">): boolean {
  return host.Init === true && host.PidMode === "";
}

/** The init of this machine. Errors: unavailable, naming the package. */
export async function findInit(): Promise<string> {
  for (const path of programs) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw unavailable("--init needs the program tini-static, which is not installed: apt-get install tini", {
    hint: "apt-get install tini",
  });
}

/** Binds the init into a container, read-only. */
export function initMount(source: string): Mount {
  return { destination: pathInside, type: "bind", source, options: ["bind", "ro"] };
}
