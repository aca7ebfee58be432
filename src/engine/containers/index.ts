/**
 * Containers: what runs. Their records are in storage, their files in `<data root>/containers`, their bundles in
 * `<exec root>/containers`. Entry point of the noun.
 */
export type { HostConfigDefaults } from "./container-config.ts";
export type {
  AttachedClient,
  Attaching,
  AttachOptions,
  ContainerFilters,
  Containers,
} from "./containers.ts";
export type { ContainersDeps } from "./deps.ts";
export { openContainers } from "./open.ts";
export type { ContainerRecord } from "./record.ts";
export type { ContainerStore } from "./table.ts";
