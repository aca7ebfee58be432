/** From the words after the program's name to an exit code. */
import { EscaleError, invalid, messageOf } from "../base/errors.ts";
import { escaleVersion } from "../base/version.ts";
import { type Client, configDirOf, contextName, openClient, readConfig, resolveEndpoint } from "../client/index.ts";
import { type AnyCommand, argumentProblem, type Cli, CommandFailure, program } from "./command.ts";
import { commands, type Entry, hiddenGroups } from "./commands.ts";
import { boolFlag, type Flags, type FlagValues, stringFlag } from "./flags/flag.ts";
import { parseFlags } from "./flags/parse.ts";
import { untilInterrupted } from "./terminal/signals.ts";
import { processStreams, type Streams } from "./terminal/streams.ts";

/** The flags before the command's name. */
function globalFlags(configDir: string) {
  return {
    config: stringFlag("Location of client config files", { initial: configDir }),
    context: stringFlag(
      'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")',
      { short: "c" },
    ),
    debug: boolFlag("Enable debug mode", { short: "D" }),
    host: stringFlag("Daemon socket to connect to", { short: "H" }),
    logLevel: stringFlag('Set the logging level ("debug", "info", "warn", "error", "fatal")', {
      short: "l",
      initial: "info",
    }),
    tls: boolFlag("Use TLS; implied by --tlsverify"),
    tlscacert: stringFlag("Trust certs signed only by this CA", { initial: `${configDir}/ca.pem` }),
    tlscert: stringFlag("Path to TLS certificate file", { initial: `${configDir}/cert.pem` }),
    tlskey: stringFlag("Path to TLS key file", { initial: `${configDir}/key.pem` }),
    tlsverify: boolFlag("Use TLS and verify the remote"),
    version: boolFlag("Print version information and quit", { short: "v" }),
    help: boolFlag("Print usage", { short: "h", isHidden: true }),
  };
}

type GlobalValues = FlagValues<ReturnType<typeof globalFlags>>;

/**
 * Runs the command line. Everything a person gets to see is on `streams`; the result is the exit code. Nothing of the
 * command's is left running, but its input may still be open.
 */
export async function runCli(
  argv: readonly string[],
  streams: Streams = processStreams(),
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  let client: Client | undefined;
  try {
    const flags = globalFlags(configDirOf(env));
    const parsed = parseOrFail(flags, argv, false, program, `${program} [OPTIONS] COMMAND [ARG...]`);
    const global = parsed.values;
    for (const notice of parsed.notices) streams.err.write(`${notice}\n`);
    checkGlobal(global);
    if (global.version) {
      streams.out.write(`Escale version ${escaleVersion}\n`);
      return 0;
    }
    const config = readConfig(global.config, (text) => streams.err.write(`${text}\n`));
    const choice = { host: global.host, context: global.context, env, configDir: global.config, config };
    const cli: Cli = {
      streams,
      env,
      config,
      configDir: global.config,
      contextName: contextName(choice),
      isDebug: global.debug,
      client: async () => {
        client ??= openClient(await resolveEndpoint(choice), env.DOCKER_API_VERSION || undefined);
        return client;
      },
    };
    if (global.host && global.context) throw invalid("conflicting options: cannot specify both --host and --context");
    return await dispatch(cli, flags, parsed.args, global.help);
  } catch (error) {
    return report(error, streams);
  } finally {
    client?.close();
  }
}

function report(error: unknown, streams: Streams): number {
  if (error instanceof CommandFailure) {
    if (error.message !== "") streams.err.write(`${error.message}\n`);
    return error.exitCode;
  }
  const hint = error instanceof EscaleError && error.hint !== undefined ? `\n${error.hint}` : "";
  streams.err.write(`${messageOf(error)}${hint}\n`);
  return 1;
}

function checkGlobal(global: GlobalValues): void {
  const levels = ["panic", "fatal", "error", "warn", "warning", "info", "debug", "trace"];
  if (!levels.includes(global.logLevel.toLowerCase())) {
    throw new CommandFailure(1, `Unable to parse logging level: ${global.logLevel}`);
  }
  if (global.tls || global.tlsverify) throw new CommandFailure(1, `${program}: TLS (--tls) is not built yet`);
}

function parseOrFail<F extends Flags>(
  flags: F,
  line: readonly string[],
  isInterspersed: boolean,
  path: string,
  usage: string,
): ReturnType<typeof parseFlags<F>> {
  try {
    return parseFlags(flags, line, isInterspersed);
  } catch (error) {
    const advice = `Run '${path} --help' for more information`;
    throw new CommandFailure(125, `${messageOf(error)}\n\nUsage:  ${usage}\n\n${advice}`);
  }
}

function childNamed(entries: readonly Entry[], name: string): Entry | undefined {
  return entries.find((entry) => entry.name === name || entry.otherNames?.includes(name));
}

async function dispatch(cli: Cli, flags: Flags, args: readonly string[], wantsHelp: boolean): Promise<number> {
  const [first, ...rest] = args;
  const { streams } = cli;
  if (wantsHelp || first === undefined || (first === "help" && rest.length === 0)) {
    const { rootPage } = await import("./help.ts");
    const output = wantsHelp || first === "help" ? streams.out : streams.err;
    output.write(rootPage(flags, streams.helpColumns));
    return 0;
  }
  if (first === "help") return helpAbout(cli, rest);
  const entry = childNamed(commands, first);
  if (entry === undefined) {
    if (hiddenGroups.includes(first)) throw notBuiltFailure([program, ...args.filter(isWord)].join(" "));
    const advice = `Run '${program} --help' for more information`;
    throw new CommandFailure(1, `${program}: unknown command: ${program} ${first}\n\n${advice}`);
  }
  return enter(cli, entry, `${program} ${entry.name}`, rest);
}

function isWord(text: string): boolean {
  return !text.startsWith("-");
}

function notBuiltFailure(path: string): CommandFailure {
  return new CommandFailure(1, `'${path}' is not built yet`);
}

async function helpAbout(cli: Cli, topic: readonly string[]): Promise<number> {
  let entries: readonly Entry[] | undefined = commands;
  let entry: Entry | undefined;
  let path = program;
  for (const word of topic) {
    entry = childNamed(entries ?? [], word);
    if (entry === undefined) throw new CommandFailure(1, `unknown help topic: ${topic.at(-1)}`);
    path += ` ${entry.name}`;
    entries = entry.children;
  }
  return entry === undefined ? 0 : enter(cli, entry, path, ["--help"]);
}

/** Runs what an entry stands for with the words after its name. */
async function enter(cli: Cli, entry: Entry, path: string, line: readonly string[]): Promise<number> {
  if (entry.children !== undefined) return enterGroup(cli, entry, entry.children, path, line);
  if (entry.load === undefined) throw notBuiltFailure(path);
  const { command } = await entry.load();
  return execute(cli, entry, command, path, line);
}

async function enterGroup(
  cli: Cli,
  entry: Entry,
  children: readonly Entry[],
  path: string,
  line: readonly string[],
): Promise<number> {
  const [name, ...rest] = line;
  const child = name === undefined ? undefined : childNamed(children, name);
  if (child !== undefined) return enter(cli, child, `${path} ${child.name}`, rest);
  const help = { help: boolFlag("Print usage", { short: "h", isHidden: true }) };
  const { values, args, notices } = parseOrFail(help, line, true, path, path);
  for (const notice of notices) cli.streams.out.write(`${notice}\n`);
  if (values.help || args.length === 0) {
    const { groupPage } = await import("./help.ts");
    (values.help ? cli.streams.out : cli.streams.err).write(groupPage(path, entry));
    return 0;
  }
  const advice = `Run '${path} --help' for more information`;
  throw new CommandFailure(1, `${program}: unknown command: ${path} ${args[0]}\n\nUsage:  ${path}\n\n${advice}`);
}

async function execute(
  cli: Cli,
  entry: Entry,
  command: AnyCommand,
  path: string,
  line: readonly string[],
): Promise<number> {
  const usage = `${path} ${command.usage}`.trimEnd();
  const flags = {
    help: boolFlag("Print usage", "hostname" in command.flags ? {} : { short: "h", isHidden: true }),
    ...command.flags,
  };
  const { values, given, args, notices } = parseOrFail(flags, line, command.isInterspersed ?? true, path, usage);
  for (const notice of notices) (values.help ? cli.streams.out : cli.streams.err).write(`${notice}\n`);
  if (values.help) {
    const { commandPage } = await import("./help.ts");
    cli.streams.out.write(commandPage(path, entry, { ...command, flags }, cli.streams.helpColumns));
    return 0;
  }
  const problem = argumentProblem(path, command.args, args.length, usage);
  if (problem !== undefined) throw new CommandFailure(1, problem);
  const invocation = { flags: values, given: given as ReadonlySet<string>, args };
  return (await untilInterrupted(() => command.run(cli, invocation))) ?? 0;
}
