/** Runs the stock docker CLI against an engine. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { clients } from "../../scripts/debian-packages.ts";

/** How a command ended and what it said. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as it came. */
  readonly bytes: Buffer;
}

/** What a command may be given. */
export interface CommandOptions {
  /** Standard input; without it there is none. */
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** It is killed then, and the result is an error. 60 seconds if absent. */
  readonly timeoutMs?: number;
}

/** Runs any program to its end; rejects only if it cannot start or takes too long. */
export function runCommand(
  command: string,
  args: readonly string[],
  { input, env, timeoutMs = 60_000 }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env } });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      const said = Buffer.concat([...output, ...errors])
        .toString()
        .slice(-500);
      reject(new Error(`'${command} ${args.join(" ")}' took more than ${timeoutMs} ms; it said: ${said}`));
    }, timeoutMs);
    child.stdout.on("data", (data: Buffer) => output.push(data));
    child.stderr.on("data", (data: Buffer) => errors.push(data));
    // A program that ends without reading its input is no failure of the test.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const bytes = Buffer.concat(output);
      const stderr = Buffer.concat(errors).toString();
      resolve({ code: code ?? (signal === "SIGKILL" ? 137 : 1), stdout: bytes.toString(), stderr, bytes });
    });
  });
}

/** The stock CLI bound to one engine. */
export interface Docker {
  /** Runs a command and gives how it ended. */
  run(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs a command that has to succeed; gives its standard output without the last newline. */
  ok(...args: readonly string[]): Promise<string>;
  /** Runs a command that has to fail; gives its standard error. */
  fails(...args: readonly string[]): Promise<string>;
  /** Starts a command whose streams the test reads and writes. */
  start(...args: readonly string[]): ChildProcessWithoutNullStreams;
  /** For programs of the test's own that run the CLI: its path and environment. */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The stock CLI against the engine at `host`. */
export function dockerOf(host: string): Docker {
  const { docker: command, config } = clients();
  const env = { DOCKER_HOST: host, DOCKER_CONFIG: config, DOCKER_CLI_HINTS: "false", DOCKER_CONTEXT: "" };
  const run: Docker["run"] = (args, options = {}) =>
    runCommand(command, args, { ...options, env: { ...env, ...options.env } });
  return {
    command,
    env,
    run,
    ok: async (...args) => {
      const { code, stdout, stderr } = await run(args);
      if (code !== 0) throw new Error(`docker ${args.join(" ")} ended with ${code}: ${stderr}`);
      return stdout.replace(/\n$/, "");
    },
    fails: async (...args) => {
      const { code, stdout, stderr } = await run(args);
      if (code === 0) throw new Error(`docker ${args.join(" ")} succeeded, and should not: ${stdout}`);
      return stderr;
    },
    start: (...args) => spawn(command, args, { env: { ...process.env, ...env } }),
  };
}
