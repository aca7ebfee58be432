/** The command line. Entry point of the noun. */
export { runCli } from "./run-cli.ts";
