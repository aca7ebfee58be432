/** Runs Docker's command line and Escale's with the same words. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What a command left behind. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Where a setting of the machine has to come from; the test fails with that text when it is missing. */
export function required(name: string, meaning: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: it has to name ${meaning}`);
  return value;
}

const root = resolve(import.meta.dirname, "../..");

/** The words that start Escale's command line. */
export const escaleCommand: readonly string[] = [join(root, "bin/escale")];

/** Runs a program to its end with that input. */
export function runProgram(
  words: readonly string[],
  options: { env: NodeJS.ProcessEnv; input?: string; cwd?: string; signalAfter?: [number, NodeJS.Signals] },
): Promise<Outcome> {
  return new Promise((resolvePromise, reject) => {
    const [program = "", ...args] = words;
    const child = spawn(program, args, { env: options.env, ...(options.cwd !== undefined && { cwd: options.cwd }) });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => out.push(piece));
    child.stderr.on("data", (piece: Buffer) => err.push(piece));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", reject);
    // Nothing here takes long: what does is stuck, and shows as ended by the signal.
    const limit = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const timer = options.signalAfter && setTimeout(() => child.kill(options.signalAfter?.[1]), options.signalAfter[0]);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      clearTimeout(limit);
      resolvePromise({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), code, signal });
    });
  });
}

/** Splits a line into words at blanks, heeding quotes and backslashes as a shell does. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    if (quote === "'" ? character === "'" : quote === '"' && character === '"') quote = "";
    else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (character === "\\" && quote !== "'") word = (word ?? "") + (line[++at] ?? "");
    else if (quote === "" && character === " ") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** A folder of its own that goes away with the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "escale-cli-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
