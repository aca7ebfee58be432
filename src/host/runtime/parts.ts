import type { Cgroups } from "../cgroups/index.ts";
import type { Exits } from "./exits.ts";
import type { RuntimePaths } from "./paths.ts";
import type { SeccompFilters } from "./seccomp-filters.ts";

/** What the runtime's verbs share. */
export interface RuntimeParts {
  /** Absolute paths of the programs. */
  readonly conmon: string;
  readonly crun: string;
  readonly paths: RuntimePaths;
  readonly cgroups: Cgroups;
  readonly exits: Exits;
  readonly filters: SeccompFilters;
}
