import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { conflict, hasCode, internal, messageOf } from "../../base/errors.ts";
import type { ContainerTop } from "../../wire/docker/containers.ts";
import type { ContainersDeps } from "./deps.ts";
import { isRunning } from "./record.ts";
import type { ContainerTable } from "./table.ts";

const run = promisify(execFile);
const largestOutput = 16 * 1024 * 1024;

/** Splits the words of ps's arguments at blanks; quoting is not known, as in Docker. */
function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/**
 * The processes of a container as the host's ps(1) shows them. Source: ContainerTop.
 * Errors: not-found, conflict when it does not run, internal for arguments that ps refuses or that leave no PID column.
 */
export async function top(
  deps: ContainersDeps,
  table: ContainerTable,
  id: string,
  psArguments: string,
): Promise<ContainerTop> {
  const container = table.resolve(id);
  const { state } = container.record;
  if (!isRunning(state)) throw conflict(`container ${container.id} is not running`);
  const pids = new Set((await deps.runtime.pids(container.id)).map(String));
  const output = await psOutput(words(psArguments === "" ? "-ef" : psArguments));
  const [header, ...lines] = output.trimEnd().split("\n");
  const titles = words(header ?? "");
  const column = titles.indexOf("PID");
  if (column === -1) throw internal("Couldn't find PID field in ps output");
  const processes = lines.flatMap((line) => {
    const fields = words(line);
    if (!pids.has(fields[column] ?? "")) return [];
    // The last column is the command, which has blanks of its own.
    return [[...fields.slice(0, titles.length - 1), fields.slice(titles.length - 1).join(" ")]];
  });
  return { Titles: titles, Processes: processes };
}

async function psOutput(options: string[]): Promise<string> {
  try {
    return (await run("ps", options, { maxBuffer: largestOutput })).stdout;
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw internal("ps is missing: install the package procps", { cause: error });
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw internal(stderr === "" ? `ps: ${messageOf(error)}` : (stderr.split("\n")[0] as string), { cause: error });
  }
}
