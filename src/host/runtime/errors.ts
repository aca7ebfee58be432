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

/** The kernel's words, as Go spells them. */
function lower(reason: string | undefined): string {
  return (reason ?? "").toLowerCase();
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

/** Numbers of the limits, which runc says instead of their names. */
const limits = ["CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS"].concat([
  ...["SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"],
]);

/** Why a program could not be executed; `reason` is the kernel's word on opening it. */
function cannotExecute(program: string, reason: string): string {
  const exec = `${startPrefix}exec: ${quoted(program)}: `;
  const isMissing = reason === "no such file or directory";
  // A bare name is searched for: what is there but cannot be executed counts as not found.
  if (!program.includes("/")) return `${exec}executable file not found in $PATH`;
  if (isMissing || reason === "not a directory") return `${exec}stat ${program}: ${reason}`;
  // crun says EPERM for what is no regular file.
  return `${exec}${reason === "operation not permitted" ? "permission denied" : reason}`;
}

/** crun's messages and runc's for the same failure; the first that matches counts. */
const rules: readonly Rule[] = [
  {
    pattern: /^(?:executable file `.*` not found(?: in \$PATH)?|open executable|find executable): ([^:]+)$/s,
    say: ([, reason], { args }) => cannotExecute(args[0] ?? "", lower(reason)),
  },
  {
    pattern: /^chdir(?: to)?(?: `.*`)?: ([^:]+)$/s,
    say: ([, reason], { cwd }) =>
      `${startPrefix}chdir to cwd (${quoted(cwd)}) set in config.json failed: ${lower(reason)}`,
  },
  {
    pattern: /^(open|write)(?: to)? \/?(proc\/sys\/.*): ([^:]+)$/,
    say: ([, verb, path, reason]) => `${startPrefix}${initPrefix}${verb} /${path}: ${lower(reason)}`,
  },
  {
    pattern: /^the sysctl `([^`]*)` /,
    say: ([, name]) => `sysctl ${quoted(name ?? "")} is not in a separate kernel namespace`,
  },
  { pattern: /^invalid rlimit `([^`]*)`/, say: ([, name]) => `wrong rlimit value: ${name}` },
  {
    pattern: /^setrlimit `RLIMIT_(\w+)`: ([^:]+)$/,
    say: ([, name, reason]) =>
      `${startPrefix}${initPrefix}error setting rlimits for ready process: ` +
      `error setting rlimit type ${limits.indexOf(name ?? "")}: ${lower(reason)}`,
  },
  {
    pattern: /^invalid seccomp action `([^`]*)`/,
    say: ([, action]) => `string ${action} is not a valid action for seccomp`,
  },
  {
    pattern: /^mount `(.*?)` to `\/?(.*?)`: ([^:]+)$/s,
    say: ([, source, target, reason]) =>
      `${startPrefix}${initPrefix}error mounting ${quoted(source ?? "")} to rootfs at ${quoted(`/${target}`)}: ` +
      `mount ${source}:/${target}: ${lower(reason)}`,
  },
];

function translate(message: string, process: FailedProcess): string {
  const text = message.trim().replace(/^\d{4}-\d\d-\d\dT\S+: /, "");
  for (const { pattern, say } of rules) {
    const match = pattern.exec(text);
    if (match !== null) return say(match, process);
  }
  const reasonAt = text.lastIndexOf(": ") + 2;
  return `${startPrefix}${initPrefix}${reasonAt === 1 ? text : text.slice(0, reasonAt) + lower(text.slice(reasonAt))}`;
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
