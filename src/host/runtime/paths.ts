/**
 * Every file that the runtime keeps:
 *
 *     EXEC_ROOT/
 *       crun/ID/            crun's state of a container: status, exec.fifo, seccomp.bpf
 *       exits/ID            its exit code, written by conmon
 *       execs/EXEC/         one exec: process.json, crun.log and what conmon makes (as in a bundle)
 *       seccomp/HASH        a compiled seccomp filter, base64
 *     BUNDLE/               of a container, made by the caller, who also removes it
 *       config.json         the OCI runtime spec
 *       sync                conmon's word on the create: {"data": PID} or the error
 *       conmon.pid          conmon's pid
 *       conmon.err          what conmon says before it detaches, when it cannot start
 *       container.pid       the pid of the container's init, as crun writes it
 *       attach ctl winsz    conmon's sockets and control files
 *       exit oom            the exit code again; a sign that the kernel killed for lack of memory
 */
import { join } from "node:path";

export interface RuntimePaths {
  readonly crunRoot: string;
  readonly exits: string;
  readonly execs: string;
  readonly seccomp: string;
  /** crun's state of a container. */
  readonly status: (id: string) => string;
  readonly fifo: (id: string) => string;
  readonly filter: (id: string) => string;
  readonly state: (id: string) => string;
  readonly exit: (id: string) => string;
  readonly exec: (execId: string) => string;
}

/** The paths below an engine's exec root. */
export function runtimePaths(execRoot: string): RuntimePaths {
  const crunRoot = join(execRoot, "crun");
  const exits = join(execRoot, "exits");
  const execs = join(execRoot, "execs");
  return {
    crunRoot,
    exits,
    execs,
    seccomp: join(execRoot, "seccomp"),
    status: (id) => join(crunRoot, id, "status"),
    fifo: (id) => join(crunRoot, id, "exec.fifo"),
    filter: (id) => join(crunRoot, id, "seccomp.bpf"),
    state: (id) => join(crunRoot, id),
    exit: (id) => join(exits, id),
    exec: (execId) => join(execs, execId),
  };
}

/** What conmon makes in its folder; removed before a folder is used again. */
export const monitorFiles: readonly string[] = [
  "sync",
  "conmon.pid",
  "conmon.err",
  "container.pid",
  "attach",
  "ctl",
  "winsz",
  "exit",
  "oom",
];
