/** A container's log: written by its monitor in the k8s-file format, read from there for every client. */

/** Which lines to read, and how. Times are milliseconds since 1970 with fractions, or nanoseconds as bigint. */
export interface LogReadOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Keep reading as lines come, until `signal` aborts or {@link ended} resolves. */
  readonly follow: boolean;
  /** How many lines from the end; -1 for all. */
  readonly tail: number;
  /** Nanoseconds since 1970; 0n for no bound. */
  readonly since: bigint;
  readonly until: bigint;
  /** Put an RFC 3339 time with nanoseconds and a blank before each line. */
  readonly timestamps: boolean;
  readonly signal?: AbortSignal;
  /** Resolves when the container has ended: a follower reads to the end and stops. */
  readonly ended?: Promise<void>;
}

/** A piece of a stream, as large as is convenient: may hold many lines. */
export interface LogChunk {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}
