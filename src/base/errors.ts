/**
 * The kinds of error that a user of Escale can meet. Front doors translate a kind to their protocol's status;
 * domain code never sees a status code.
 */
export type ErrorKind =
  | "invalid"
  | "not-found"
  | "conflict"
  | "not-modified"
  | "unauthorized"
  | "forbidden"
  | "unsupported"
  | "unavailable"
  | "cancelled"
  | "deadline"
  | "internal";

/** What may accompany an error besides its message. */
export interface ErrorOptions {
  /** The error underneath; kept for the log, never shown to clients. */
  readonly cause?: unknown;
  /** What the person can do about it; shown by the command line. */
  readonly hint?: string;
  /** Machine-readable extras of one protocol, such as an AWS or OCI error code. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * An error that a user can meet. Everything else that is thrown is a bug: it becomes an internal error, and its stack
 * is logged.
 */
export class EscaleError extends Error {
  override readonly name = "EscaleError";
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

function maker(kind: ErrorKind): (message: string, options?: ErrorOptions) => EscaleError {
  return (message, options) => new EscaleError(kind, message, options);
}

/** The request itself is wrong: a bad name, a malformed body, an impossible combination. */
export const invalid: (message: string, options?: ErrorOptions) => EscaleError = maker("invalid");
/** The thing named does not exist. */
export const notFound: (message: string, options?: ErrorOptions) => EscaleError = maker("not-found");
/** The request contradicts the present state: a name taken, a container still running. */
export const conflict: (message: string, options?: ErrorOptions) => EscaleError = maker("conflict");
/** Nothing to do: the state asked for is already there. */
export const notModified: (message: string, options?: ErrorOptions) => EscaleError = maker("not-modified");
/** The operation is not allowed on this thing. */
export const forbidden: (message: string, options?: ErrorOptions) => EscaleError = maker("forbidden");
/** The operation or option is not built; the message names it. */
export const unsupported: (message: string, options?: ErrorOptions) => EscaleError = maker("unsupported");
/** Something that is needed is not there now: a service, a registry, a cluster. */
export const unavailable: (message: string, options?: ErrorOptions) => EscaleError = maker("unavailable");
/** It took longer than allowed. */
export const deadline: (message: string, options?: ErrorOptions) => EscaleError = maker("deadline");
/** The system underneath failed: the kernel, a program, the disk. */
export const internal: (message: string, options?: ErrorOptions) => EscaleError = maker("internal");

/** Whether `error` is an {@link EscaleError} of that kind. */
export function isKind(error: unknown, kind: ErrorKind): error is EscaleError {
  return error instanceof EscaleError && error.kind === kind;
}

/** Whether `error` carries one of these codes, as Node's and the kernel's errors do (`ENOENT`, `EEXIST`…). */
export function hasCode(error: unknown, ...codes: readonly string[]): error is Error & { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
