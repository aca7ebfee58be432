/** The runtime: containers as processes, by conmon and crun. Entry point of the noun. */
export { openRuntime, type RuntimeDeps } from "./open-runtime.ts";
export type {
  Attachment,
  Runtime,
  RuntimeCreateOptions,
  RuntimeExec,
  RuntimeExecOptions,
  RuntimeExit,
  RuntimeProcess,
} from "./runtime.ts";
