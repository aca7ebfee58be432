import { rmSync, writeFileSync } from "node:fs";
import { EscaleError, messageOf } from "../base/errors.ts";
import { openLogger } from "../base/logger.ts";
import { daemonUsage, readConfig } from "./config.ts";
import { openDaemon } from "./daemon.ts";
import { notify } from "./notify.ts";

/**
 * Runs the daemon until SIGTERM or SIGINT; containers go on without it. Prints one `ready …` line on standard output
 * when every door is open; its log goes to standard error. Gives the exit code.
 */
export async function runDaemon(argv: readonly string[]): Promise<number> {
  const manager = process.env.NOTIFY_SOCKET;
  try {
    const config = readConfig(argv);
    if (config === "help") {
      process.stdout.write(daemonUsage);
      return 0;
    }
    const log = openLogger(config.logLevel, (line) => process.stderr.write(line));
    const stop = Promise.withResolvers<string>();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.resolve(signal));
    process.on("unhandledRejection", (error) => log.error("a promise nobody waited for was rejected", { error }));
    process.on("uncaughtException", (error) => log.error("an error nobody caught", { error }));
    await using daemon = await openDaemon(config, log);
    if (config.pidFile !== undefined) writeFileSync(config.pidFile, String(process.pid));
    process.stdout.write(`ready docker=${daemon.dockerAddress} registry=none aws=none console=none\n`);
    notify(manager, "READY=1");
    const signal = await stop.promise;
    log.info("stopping; containers go on", { signal });
    notify(manager, "STOPPING=1");
    if (config.pidFile !== undefined) rmSync(config.pidFile, { force: true });
    return 0;
  } catch (error) {
    process.stderr.write(`escale daemon: ${messageOf(error)}\n`);
    if (error instanceof EscaleError) {
      if (error.hint !== undefined) process.stderr.write(`${error.hint}\n`);
    } else if (error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return 1;
  }
}
