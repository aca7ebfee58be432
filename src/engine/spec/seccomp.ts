/** The filter of system calls of one container. */
import type { Seccomp, SeccompRule } from "../../wire/oci/runtime-spec.ts";
import type { Machine } from "./machine.ts";
import * as allowed from "./seccomp-default.ts";

const allow = "SCMP_ACT_ALLOW";
const refuse = "SCMP_ACT_ERRNO";
const noPermission = 1;

function when(name: string, op: string, value: number): SeccompRule {
  return { names: [name], action: allow, args: [{ index: 0, value, op }] };
}

/** Whether `kernel` is at least `wanted`. */
export function isKernelSince(kernel: readonly [number, number], wanted: readonly [number, number]): boolean {
  return kernel[0] > wanted[0] || (kernel[0] === wanted[0] && kernel[1] >= wanted[1]);
}

/** The part of a {@link Machine} that a filter depends on. */
export type FilteredMachine = Pick<Machine, "architecture" | "kernel">;

/** Docker's default filter, lowered for these capabilities. All calls allowed without a condition are one rule. */
export function makeDefaultSeccomp(capabilities: readonly string[], machine: FilteredMachine): Seccomp {
  const names = new Set(allowed.always);
  const add = (more: readonly string[]): void => {
    for (const name of more) names.add(name);
  };
  if (isKernelSince(machine.kernel, allowed.sinceKernel.kernel)) add(allowed.sinceKernel.names);
  add(allowed.byArchitecture[machine.architecture]);
  for (const capability of capabilities) add(allowed.byCapability[capability] ?? []);
  const makesNamespaces: readonly SeccompRule[] = names.has("clone")
    ? []
    : [
        when("clone", "SCMP_CMP_MASKED_EQ", allowed.namespaceFlags),
        { names: ["clone3"], action: refuse, errnoRet: allowed.noSuchCall },
      ];
  return {
    defaultAction: refuse,
    defaultErrnoRet: noPermission,
    architectures: allowed.architectureNames[machine.architecture],
    syscalls: [
      { names: [...names], action: allow },
      when("socket", "SCMP_CMP_NE", allowed.refusedAddressFamily),
      ...allowed.personalities.map((domain) => when("personality", "SCMP_CMP_EQ", domain)),
      ...makesNamespaces,
    ],
  };
}

const made = new Map<string, Seccomp>();
/** Capability sets are chosen by users: more than a few are not worth memory. */
const cacheSize = 64;

/** {@link makeDefaultSeccomp}, once per set of capabilities: the same object for the same set. */
export function defaultSeccomp(capabilities: readonly string[], machine: FilteredMachine): Seccomp {
  // Order and the capabilities that unlock nothing make no other filter.
  const relevant = capabilities.filter((name) => name in allowed.byCapability).sort();
  const key = [machine.architecture, ...machine.kernel, ...relevant].join(" ");
  const known = made.get(key);
  if (known !== undefined) return known;
  if (made.size >= cacheSize) made.clear();
  const seccomp = makeDefaultSeccomp(relevant, machine);
  made.set(key, seccomp);
  return seccomp;
}
