/** `--ulimit` and `--oom-score-adj`, within what this process may give. Pure. */
import { internal } from "../../base/errors.ts";
import type { HostConfig } from "../../wire/docker/containers.ts";
import type { Rlimit } from "../../wire/oci/runtime-spec.ts";
import { knownLimits, type Machine } from "./machine.ts";
import { unlimited } from "./raw-json.ts";

/** The part of a {@link Machine} that limits depend on. */
export type LimitingMachine = Pick<Machine, "canExceedLimits" | "hardLimits" | "oomScoreAdj">;

/**
 * The limits of a container's processes. Without CAP_SYS_RESOURCE a hard limit cannot exceed the inherited one: what is
 * more is cut to that. Errors: internal, with Docker's text for a name that is no limit.
 */
export function rlimitsOf(host: Pick<HostConfig, "Ulimits">, machine: LimitingMachine): Rlimit[] {
  return (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => {
    const type = `RLIMIT_${Name.toUpperCase()}`;
    if (!knownLimits.has(type)) {
      throw internal(
        `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: wrong rlimit value: ${type}`,
      );
    }
    const ceiling = machine.canExceedLimits ? undefined : machine.hardLimits.get(type);
    const cut = (value: number): number | object => {
      if (ceiling !== undefined && (value < 0 || value > ceiling)) return ceiling;
      return value < 0 ? unlimited : value;
    };
    return { type, soft: cut(Soft), hard: cut(Hard) };
  });
}

/** The OOM score of a container's processes: without CAP_SYS_RESOURCE it cannot be less than this process's own. */
export function oomScoreAdjOf(host: Pick<HostConfig, "OomScoreAdj">, machine: LimitingMachine): number {
  return machine.canExceedLimits ? host.OomScoreAdj : Math.max(host.OomScoreAdj, machine.oomScoreAdj);
}
