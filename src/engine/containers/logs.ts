import { unsupported } from "../../base/errors.ts";
import { type LogChunk, type LogReadOptions, readLogs } from "../logs/index.ts";
import type { ContainersDeps } from "./deps.ts";
import { pathsOf } from "./paths.ts";
import { isRunning } from "./record.ts";
import type { Container, ContainerTable } from "./table.ts";

/** Whether the container keeps a log that can be read back. */
export function keepsLog(container: Container): boolean {
  return container.record.hostConfig.LogConfig.Type !== "none";
}

/** What a container has printed. Source: ContainerLogs. Errors: not-found, unsupported by the log driver. */
export function logs(
  deps: ContainersDeps,
  table: ContainerTable,
  id: string,
  options: Omit<LogReadOptions, "ended">,
): { tty: boolean; chunks: AsyncIterable<LogChunk> } {
  const container = table.resolve(id);
  if (!keepsLog(container)) throw unsupported("configured logging driver does not support reading");
  const isLive = isRunning(container.record.state) || container.record.state.status === "restarting";
  const chunks = readLogs(pathsOf(deps.instance, container.id).log, {
    ...options,
    follow: options.follow && isLive,
    ended: container.ended.promise,
  });
  return { tty: container.record.config.Tty, chunks };
}
