/** Control groups: where they are, and those of the containers. Entry point of the noun. */
export { type Cgroups, openCgroups } from "./cgroups.ts";
export type { CgroupHierarchy, CgroupLayout } from "./layout.ts";
export type { CgroupLimits } from "./limits.ts";
export type { CgroupStats, Counter, DeviceCounter } from "./stats.ts";
