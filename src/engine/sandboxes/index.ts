/** Sandboxes: network namespaces that containers run in. Entry point of the noun. */
export { openSandboxes } from "./open.ts";
export { parsePortRequests } from "./port-requests.ts";
export { type SandboxRecord, type SandboxRecords, sandboxFiles } from "./records.ts";
export type { Sandbox, Sandboxes, SandboxSpec } from "./sandboxes.ts";
export type { SandboxDeps } from "./state.ts";
