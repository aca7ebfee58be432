/** The daemon: configuration, the one place that builds everything, start and stop. Entry point. */
export { runDaemon } from "./run.ts";
