import { type ErrorKind, EscaleError } from "../../base/errors.ts";

/** The status that each kind of error has in Docker's API. */
export const statusOf: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  "not-modified": 304,
  unsupported: 501,
  unavailable: 503,
  cancelled: 500,
  deadline: 500,
  internal: 500,
};

/** What a client is told of an error: a bug's own words are not for clients, they are in the log. */
export function describeError(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof EscaleError) return { status: statusOf[error.kind], message: error.message };
  return { status: 500, message: "internal error: see the daemon's log" };
}
