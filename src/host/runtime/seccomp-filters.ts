/**
 * Compiled seccomp filters. crun compiles a container's seccomp rules by libseccomp at every create, which takes longer
 * than all the rest of it. The filter depends on the rules alone: the one that crun compiled for the first container
 * is given to all later ones with the same rules, by the annotation that crun has for that.
 */
import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/errors.ts";
import type { RuntimePaths } from "./paths.ts";

const annotation = "run.oci.seccomp_bpf_data";

/** The part of an OCI runtime spec that matters here. */
export interface SpecWithSeccomp {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux?: { readonly seccomp?: object };
}

export interface SeccompFilters {
  /** The spec with its rules replaced by their compiled form, if they were compiled before; else as it is. */
  substitute<T extends SpecWithSeccomp>(bundle: string, spec: T): Promise<T>;
  /** Keeps the filter that crun compiled for a container just created from `bundle`, if it is new. */
  keep(bundle: string, id: string): Promise<void>;
  /** Forgets that `bundle` waits for {@link keep}. */
  forget(bundle: string): void;
}

/** Rules with flags or a notifier need more than their filter. */
function isPlain(rules: object): boolean {
  const { flags, listenerPath } = rules as { flags?: readonly string[]; listenerPath?: string };
  return (flags === undefined || flags.length === 0) && listenerPath === undefined;
}

/** Filters are kept in the exec root: a reboot, after which kernel and libraries may differ, discards them. */
export function openSeccompFilters(paths: RuntimePaths): SeccompFilters {
  const compiled = new Map<string, string>();
  const waiting = new Map<string, string>();
  const find = async (key: string): Promise<string | undefined> => {
    const known = compiled.get(key);
    if (known !== undefined) return known;
    try {
      const stored = await readFile(join(paths.seccomp, key), "latin1");
      compiled.set(key, stored);
      return stored;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return undefined;
      throw error;
    }
  };
  return {
    substitute: async (bundle, spec) => {
      const rules = spec.linux?.seccomp;
      if (rules === undefined || !isPlain(rules)) return spec;
      const key = createHash("sha256").update(JSON.stringify(rules)).digest("hex");
      const filter = await find(key);
      if (filter === undefined) {
        waiting.set(bundle, key);
        return spec;
      }
      const { seccomp: _, ...linux } = spec.linux as { seccomp?: object };
      return { ...spec, linux, annotations: { ...spec.annotations, [annotation]: filter } };
    },
    keep: async (bundle, id) => {
      const key = waiting.get(bundle);
      if (key === undefined || !waiting.delete(bundle) || compiled.has(key)) return;
      const filter = await readFile(paths.filter(id), "base64");
      if (filter === "") return;
      compiled.set(key, filter);
      const file = join(paths.seccomp, key);
      await writeFile(`${file}.${id}`, filter, { mode: 0o600 });
      await rename(`${file}.${id}`, file);
    },
    forget: (bundle) => void waiting.delete(bundle),
  };
}
