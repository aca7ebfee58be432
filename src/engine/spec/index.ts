/**
 * What a container is for the runtime: from Docker's configuration to the OCI `config.json` that crun reads, with
 * Docker's defaults for capabilities, mounts, devices, limits and system calls.
 */
export { checkCapabilities } from "./capabilities.ts";
export { checkMounts } from "./check-mounts.ts";
export { thisMachine } from "./machine.ts";
export { userIn } from "./process.ts";
export { type ExecProcessRequest, type RuntimeSpecRequest, toExecProcess, toRuntimeSpec } from "./runtime-spec.ts";
export { checkSecurityOptions } from "./security-options.ts";
