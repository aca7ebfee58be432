/** Which capabilities a container has. */
import { invalid } from "../../base/errors.ts";
import type { HostConfig } from "../../wire/docker/containers.ts";
import type { Capabilities } from "../../wire/oci/runtime-spec.ts";
import { capabilityNames } from "./capability-names.ts";
import { thisMachine } from "./machine.ts";

/** What a container has when nothing is asked for, as Docker 28. */
export const defaultCapabilities: readonly string[] = (
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL " +
  "AUDIT_WRITE"
)
  .split(" ")
  .map((name) => `CAP_${name}`);

const everything = "ALL";

/** `cap_chown`, `chown` and `CAP_CHOWN` to the last; `all` to `ALL`. */
function normalize(name: string): string {
  const upper = name.toUpperCase();
  return upper === everything || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

/** The part of a HostConfig that decides on capabilities. */
export type CapabilityChoice = Pick<HostConfig, "CapAdd" | "CapDrop" | "Privileged">;

/**
 * Refuses names that are no capability, or one that this process does not have (`available`).
 * Errors: invalid, with Docker's texts.
 */
export function checkCapabilities(
  choice: CapabilityChoice,
  available: readonly string[] = thisMachine().capabilities,
): void {
  for (const [field, names] of [
    ["CapAdd", choice.CapAdd],
    ["CapDrop", choice.CapDrop],
  ] as const) {
    for (const name of (names ?? []).map(normalize)) {
      if (name === everything) continue;
      if (!capabilityNames.includes(name)) throw invalid(`invalid ${field}: unknown capability: "${name}"`);
      if (!available.includes(name)) {
        throw invalid(
          `invalid ${field}: capability not supported by your kernel or not available in the current environment: "${name}"`,
        );
      }
    }
  }
}

/** The capabilities of a container; `available` are those that this process may hand on. */
export function capabilitiesOf(choice: CapabilityChoice, available: readonly string[]): readonly string[] {
  if (choice.Privileged) return available;
  const added = (choice.CapAdd ?? []).map(normalize);
  const dropped = (choice.CapDrop ?? []).map(normalize);
  if (added.includes(everything)) return available.filter((name) => !dropped.includes(name));
  // What is both dropped and added is there: adding wins, as with Docker.
  const kept = dropped.includes(everything) ? [] : defaultCapabilities.filter((name) => !dropped.includes(name));
  return [...new Set([...kept, ...added])].filter((name) => available.includes(name));
}

/** The sets of a process: nothing is inheritable, so that a program of another user gains nothing. */
export function capabilitySets(names: readonly string[]): Capabilities {
  return { bounding: names, effective: names, permitted: names, inheritable: [], ambient: [] };
}
