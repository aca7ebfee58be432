/** Settings of the kernel inside a network namespace. */
import { writeFileSync } from "node:fs";
import { hasCode, internal, invalid } from "../../base/errors.ts";

/** What Docker sets in every namespace: any user may listen on low ports and send pings. */
export const defaultSysctls: Readonly<Record<string, string>> = {
  "net.ipv4.ip_unprivileged_port_start": "0",
  "net.ipv4.ping_group_range": "0 2147483647",
};

/** The texts that Docker shows for a setting that the kernel does not take. */
const texts: Readonly<Record<string, readonly [operation: string, text: string]>> = {
  ENOENT: ["open", "no such file or directory"],
  EACCES: ["open", "permission denied"],
  EPERM: ["write", "operation not permitted"],
  EINVAL: ["write", "invalid argument"],
  ERANGE: ["write", "numerical result out of range"],
};

const prefix =
  "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: " +
  "unable to start container process: error during container init:";

/**
 * Writes settings by their names; the calling thread stands in the namespace. Errors: invalid for a
 * name outside of `net.`, internal with Docker's text for what the kernel refuses.
 */
export function writeSysctls(sysctls: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(sysctls)) {
    if (!name.startsWith("net.")) throw invalid(`sysctl "${name}" is not in a separate kernel namespace`);
    const path = `/proc/sys/${name.replaceAll(".", "/")}`;
    try {
      // Never creates: the kernel's tree answers ENOENT for what it lacks.
      writeFileSync(path, value, { flag: "r+" });
    } catch (error) {
      const [operation, text] = (hasCode(error, ...Object.keys(texts)) ? texts[error.code] : undefined) ?? [];
      if (operation === undefined) throw error;
      throw internal(`${prefix} ${operation} ${path}: ${text}`, { cause: error });
    }
  }
}
