/** The daemon and its host, as clients see them: what runs here, on what, and under which name. */
export { openSystem, type System, type SystemDeps } from "./system.ts";
