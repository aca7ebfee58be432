/** What a command is, and what it is given. */
import { quote } from "../base/quote.ts";
import type { Client, ClientConfig } from "../client/index.ts";
import type { Flags, FlagValues } from "./flags/flag.ts";
import type { Parsed } from "./flags/parse.ts";
import type { Streams } from "./terminal/streams.ts";

/** The name of the program, in usage lines and errors. */
export const program = "escale";

/** The world around a command. */
export interface Cli {
  readonly streams: Streams;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: ClientConfig;
  /** The folder of the client configuration. */
  readonly configDir: string;
  /** The name of the context in use. */
  readonly contextName: string;
  readonly isDebug: boolean;
  /** The client of the chosen daemon; the same one each time. */
  client(): Promise<Client>;
}

/** How many arguments a command takes; `max` absent for any number. */
export interface ArgumentCount {
  readonly min: number;
  readonly max?: number;
}

/** What a command was called with. */
interface Invocation<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly given: Parsed<F>["given"];
  readonly args: readonly string[];
}

/** A command: its page in help, its flags and what it does. */
export interface Command<F extends Flags = Flags> {
  /** What follows the command's name in its usage line. */
  readonly usage: string;
  /** Every full name of the command, when there are several: `container ls, ps`. */
  readonly aliases?: readonly string[];
  readonly flags: F;
  readonly args: ArgumentCount;
  /** False when everything after the first argument belongs to another program. */
  readonly isInterspersed?: boolean;
  /** Command lines that show it, without the program's name. */
  readonly examples: readonly string[];
  /** Does it; the result is the exit code, 0 when absent. */
  readonly run: (cli: Cli, invocation: Invocation<F>) => Promise<number | undefined>;
}

/** A command as the table of commands holds it, whatever its flags. */
export type AnyCommand = Command<Flags>;

/** Declares a command, so that its flags' types reach its `run`. */
export function defineCommand<F extends Flags>(command: Command<F>): AnyCommand {
  return command as unknown as AnyCommand;
}

/** Ends a command with an exit code and, unless empty, a text on standard error. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exitCode: number;

  constructor(exitCode: number, message = "") {
    super(message);
    this.exitCode = exitCode;
  }
}

function counted(count: number): string {
  return `${count} ${count === 1 ? "argument" : "arguments"}`;
}

/** Why the number of arguments is wrong, as Docker says it; undefined when it is right. */
export function argumentProblem(
  name: string,
  rule: ArgumentCount,
  given: number,
  usageLine: string,
): string | undefined {
  const { min, max } = rule;
  if (given >= min && (max === undefined || given <= max)) return undefined;
  let need = `requires at least ${min} and at most ${counted(max ?? 0)}`;
  let advice = "Run";
  if (max === 0) need = "accepts no arguments";
  else if (max === undefined) {
    need = `requires at least ${counted(min)}`;
    advice = "See";
  } else if (min === max) need = `requires ${counted(min)}`;
  else if (min === 0) need = `requires at most ${counted(max)}`;
  return `${program}: '${name}' ${need}\n\nUsage:  ${usageLine}\n\n${advice} '${name} --help' for more information`;
}

/** Runs an action for each name at once and reports in their order: printed names on success, errors at the end. */
export async function forEachName(
  cli: Cli,
  names: readonly string[],
  action: (client: Client, name: string) => Promise<void>,
): Promise<void> {
  const client = await cli.client();
  const results = await Promise.allSettled(names.map((name) => action(client, name)));
  const failures: string[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled") cli.streams.out.write(`${names[index]}\n`);
    else failures.push(result.reason instanceof Error ? result.reason.message : quote(String(result.reason)));
  }
  if (failures.length > 0) throw new CommandFailure(1, failures.join("\n"));
}
