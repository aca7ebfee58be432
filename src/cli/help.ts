/** The pages that `--help` shows, in Docker's layout with examples at the end. */
import type { AnyCommand } from "./command.ts";
import { program } from "./command.ts";
import { commands, type Entry } from "./commands.ts";
import type { Flags } from "./flags/flag.ts";
import { flagUsages } from "./flags/usage.ts";

const notBuilt = "not built yet";

function summaryOf(entry: Entry): string {
  const isBuilt = entry.load !== undefined || entry.children?.some((child) => child.load !== undefined);
  return isBuilt ? entry.summary : `${entry.summary} (${notBuilt})`;
}

function rows(entries: readonly Entry[]): string[] {
  const width = Math.max(11, ...entries.map((entry) => entry.name.length));
  return entries.map((entry) => `  ${entry.name.padEnd(width)} ${summaryOf(entry)}`);
}

/** The usage line of a command, from its full name. */
function usageLine(path: string, command: AnyCommand): string {
  return `${path} ${command.usage}`.trimEnd();
}

/** The page of one command. `path` is its full name. */
export function commandPage(path: string, entry: Entry, command: AnyCommand, columns: number): string {
  const parts = [`Usage:  ${usageLine(path, command)}`, entry.summary];
  if (command.aliases !== undefined) {
    parts.push(`Aliases:\n  ${command.aliases.map((name) => `${program} ${name}`).join(", ")}`);
  }
  const options = flagUsages(command.flags, columns - 1).trimEnd();
  if (options !== "") parts.push(`Options:\n${options}`);
  if (command.examples.length > 0) {
    parts.push(`Examples:\n${command.examples.map((line) => `  ${program} ${line}`).join("\n")}`);
  }
  return `${parts.join("\n\n")}\n`;
}

/** The page of a group of commands. */
export function groupPage(path: string, entry: Entry): string {
  return [
    `Usage:  ${path} COMMAND`,
    entry.summary,
    ["Commands:", ...rows(entry.children ?? [])].join("\n"),
    `Run '${path} COMMAND --help' for more information on a command.\n`,
  ].join("\n\n");
}

/** The first page: every command. */
export function rootPage(globalFlags: Flags, columns: number): string {
  const leaves = commands.filter((entry) => entry.children === undefined);
  const common = leaves.filter((entry) => entry.rank !== undefined);
  common.sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  const groups = commands.filter((entry) => entry.children !== undefined);
  const sections: [string, readonly Entry[]][] = [
    ["Common Commands", common],
    ["Management Commands", groups.filter((entry) => !entry.isSwarm)],
    ["Swarm Commands", groups.filter((entry) => entry.isSwarm)],
    ["Commands", leaves.filter((entry) => entry.rank === undefined)],
  ];
  return [
    `Usage:  ${program} [OPTIONS] COMMAND`,
    "A self-sufficient runtime for containers",
    ...sections.map(([title, entries]) => [`${title}:`, ...rows(entries)].join("\n")),
    `Daemon:\n  ${program} daemon [OPTIONS]    Run the daemon`,
    `Global Options:\n${flagUsages(globalFlags, columns - 1).trimEnd()}`,
    `Run '${program} COMMAND --help' for more information on a command.\n`,
  ].join("\n\n");
}
