/**
 * Docker's words for crun's failures. Docker's texts come from runc; its API's status and the exit code that it stores
 * follow from the text.
 */
import { type ErrorKind, EscaleError } from "../../base/errors.ts";

const createPrefix =
  "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ";
const execPrefix = "OCI runtime exec failed: exec failed: ";
const startPrefix = "unable to start container process: ";
const initPrefix = "error during container init: ";
const confusion =
  ": Are you trying to mount a directory onto a file (or vice-versa)? " +
  "Check if the specified host path exists and is the expected type";

/** A string as Go's `%q` prints it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The kernel's words, as Go spells them: in lower case. */
function reasonOf(text: string): string {
  return text.slice(text.lastIndexOf(": ") + 2).toLowerCase();
}

/** What to know of the process to tell why it could not run. */
export interface FailedProcess {
  readonly args: readonly string[];
  readonly cwd: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly say: (match: RegExpExecArray, process: FailedProcess) => string;
}

/** crun's messages and runc's for the same failure; the first that matches counts. */
const rules: readonly Rule[] = [
  {
    pattern: /^executable file `.*` not found(?: in \$PATH)?: /s,
    say: (_, { args }) => {
      const program = args[0] ?? "";
      return program.includes("/")
        ? `${startPrefix}exec: ${quoted(program)}: stat ${program}: no such file or directory`
        : `${startPrefix}exec: ${quoted(program)}: executable file not found in $PATH`;
    },
  },
  {
    pattern: /^(?:open executable|exec `.*`|executable file `.*`.*): ([^:]+)$/,
    say: ([, reason], { args }) => {
      const program = args[0] ?? "";
      const text = (reason ?? "").toLowerCase();
      if (text === "not a directory") return `${startPrefix}exec: ${quoted(program)}: stat ${program}: ${text}`;
      if (text === "is a directory") return `${startPrefix}exec: ${quoted(program)}: permission denied`;
      return `${startPrefix}exec: ${quoted(program)}: ${text}`;
    },
  },
  {
    pattern: /^chdir(?: to `.*`)?: ([^:]+)$/,
    say: ([, reason], { cwd }) =>
      `${startPrefix}chdir to cwd (${quoted(cwd)}) set in config.json failed: ${(reason ?? "").toLowerCase()}`,
  },
  {
    pattern: /^open `?\/?(proc\/sys\/[^`:]*)`?: ([^:]+)$/,
    say: ([, path, reason]) => `${startPrefix}${initPrefix}open /${path}: ${(reason ?? "").toLowerCase()}`,
  },
  {
    pattern: /^write to `?\/?(proc\/sys\/[^`:]*)`?: ([^:]+)$/,
    say: ([, path, reason]) => `${startPrefix}${initPrefix}write /${path}: ${(reason ?? "").toLowerCase()}`,
  },
  {
    pattern: /^the sysctl `([^`]*)` requires a new \w+ namespace|^the sysctl `([^`]*)` is not namespaced/,
    say: ([, first, second]) => `sysctl ${quoted(first ?? second ?? "")} is not in a separate kernel namespace`,
  },
  { pattern: /^invalid rlimit '([^']*)'/, say: ([, name]) => `wrong rlimit value: ${name}` },
  {
    pattern: /^setrlimit `?RLIMIT_(\w+)`?: ([^:]+)$/,
    say: ([, name, reason]) =>
      `${startPrefix}${initPrefix}error setting rlimits for ready process: error setting rlimit ${name}: ${(reason ?? "").toLowerCase()}`,
  },
  {
    pattern: /^invalid seccomp action `([^`]*)`|^seccomp get action: .*`([^`]*)`/,
    say: ([, first, second]) => `string ${first ?? second} is not a valid action for seccomp`,
  },
  {
    pattern: /^mount `(.*?)` to `(.*?)`: ([^:]+)$/,
    say: ([, source, target, reason]) =>
      `${startPrefix}${initPrefix}error mounting ${quoted(source ?? "")} to rootfs at ${quoted(`/${(target ?? "").replace(/^\//, "")}`)}: mount ${source}:${target}: ${(reason ?? "").toLowerCase()}`,
  },
];

function translate(message: string, process: FailedProcess): string {
  const text = message.trim().replace(/^(?:\d{4}-\S+ )?(?:error|warning): /, "");
  for (const { pattern, say } of rules) {
    const match = pattern.exec(text);
    if (match !== null) return say(match, process);
  }
  const reason = reasonOf(text);
  return `${startPrefix}${initPrefix}${text.slice(0, text.length - reason.length)}${reason}`;
}

/** Kind and exit code by Docker's rule, which looks at the text. */
function classify(text: string): { kind: ErrorKind; exitCode: number; text: string } {
  if (/executable file not found|no such file or directory/.test(text)) return { kind: "invalid", exitCode: 127, text };
  if (text.includes("permission denied")) return { kind: "invalid", exitCode: 126, text };
  if (text.includes("not a directory")) return { kind: "invalid", exitCode: 127, text: text + confusion };
  return { kind: "internal", exitCode: 128, text };
}

function errorWith(prefix: string, message: string, process: FailedProcess): EscaleError {
  const { kind, exitCode, text } = classify(prefix + translate(message, process));
  return new EscaleError(kind, text, { cause: new Error(message), details: { exitCode } });
}

/**
 * The error of a container that could not be created: kind invalid (the user's fault) or internal, and
 * `details.exitCode` as Docker stores it: 126, 127 or 128.
 */
export function createFailed(message: string, process: FailedProcess): EscaleError {
  return errorWith(createPrefix, message, process);
}

/** The error of an exec that could not start; as {@link createFailed}. */
export function execFailed(message: string, process: FailedProcess): EscaleError {
  return errorWith(execPrefix, message, process);
}
