/** Profiles that a user gives: Docker's JSON form, with conditions on capabilities, architectures and kernels. */
import { internal, messageOf } from "../../base/errors.ts";
import type { Seccomp, SeccompRule } from "../../wire/oci/runtime-spec.ts";
import { rawJson } from "./raw-json.ts";
import { type FilteredMachine, isKernelSince } from "./seccomp.ts";

interface Condition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}

interface ProfileRule extends SeccompRule {
  /** The old form of `names`. */
  readonly name?: string;
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

interface Profile extends Omit<Seccomp, "syscalls"> {
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[];
  readonly syscalls?: readonly ProfileRule[] | null;
}

/** Architectures in libseccomp's words. */
const libseccompNames = { amd64: "SCMP_ARCH_X86_64", arm64: "SCMP_ARCH_AARCH64" } as const;

/** Numbers beyond 2^53, as masks have them, stay as they are written. */
function parse(text: string): Profile {
  try {
    const value: unknown = JSON.parse(text, (_key, each: unknown, context?: { source?: string }) =>
      typeof each === "number" && !Number.isSafeInteger(each) && context?.source !== undefined
        ? rawJson(context.source)
        : each,
    );
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is no JSON object");
    return value as Profile;
  } catch (error) {
    throw internal(`Decoding seccomp profile failed: ${messageOf(error)}`);
  }
}

function kernelOf(text: string): readonly [number, number] {
  const [major = 0, minor = 0] = text.split(".", 2).map((part) => Number.parseInt(part, 10));
  return [major, minor];
}

function architecturesOf(profile: Profile, machine: FilteredMachine): readonly string[] | undefined {
  const map = profile.archMap ?? [];
  if (map.length === 0) return profile.architectures;
  if ((profile.architectures ?? []).length > 0) {
    throw internal(
      "both 'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'",
    );
  }
  const own = libseccompNames[machine.architecture];
  const entry = map.find(({ architecture }) => architecture === own);
  return entry === undefined ? undefined : [own, ...(entry.subArchitectures ?? [])];
}

function applies(rule: ProfileRule, capabilities: readonly string[], machine: FilteredMachine): boolean {
  const { includes = {}, excludes = {} } = rule;
  const isHere = (names: readonly string[] | undefined): boolean => names?.includes(machine.architecture) ?? false;
  if ((excludes.arches?.length ?? 0) > 0 && isHere(excludes.arches)) return false;
  if (excludes.caps?.some((name) => capabilities.includes(name))) return false;
  if (excludes.minKernel !== undefined && isKernelSince(machine.kernel, kernelOf(excludes.minKernel))) return false;
  if ((includes.arches?.length ?? 0) > 0 && !isHere(includes.arches)) return false;
  if (includes.caps?.some((name) => !capabilities.includes(name))) return false;
  return includes.minKernel === undefined || isKernelSince(machine.kernel, kernelOf(includes.minKernel));
}

/**
 * Lowers the JSON text of a profile to the plain filter for these capabilities.
 * Errors: internal, for what is no profile.
 */
export function lowerProfile(text: string, capabilities: readonly string[], machine: FilteredMachine): Seccomp {
  const profile = parse(text);
  const architectures = architecturesOf(profile, machine);
  const syscalls: SeccompRule[] = [];
  for (const rule of profile.syscalls ?? []) {
    if ((rule.names ?? []).length > 0 && rule.name) {
      throw internal("both 'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'");
    }
    if (!applies(rule, capabilities, machine)) continue;
    const { name, includes: _in, excludes: _out, ...plain } = rule;
    const names = name ? [name] : (rule.names ?? []);
    // An empty list of conditions is one that never holds for some runtimes.
    const { args, ...rest } = { ...plain, names };
    syscalls.push((args ?? []).length > 0 ? { ...rest, args: args ?? [] } : rest);
  }
  const { archMap: _map, architectures: _own, syscalls: _rules, ...others } = profile;
  return { ...others, ...(architectures !== undefined && { architectures }), syscalls };
}
