/** How urgent a log line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

const weight: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes structured lines. Secrets never go in. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A logger whose every line carries these fields too, such as `{ part: "engine.images" }`. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

function printable(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const cause = value.cause === undefined ? {} : { cause: printable(value.cause) };
  return { message: value.message, stack: value.stack, ...cause };
}

/**
 * A logger that gives JSON lines of at least `level` to `write`, one per call, each ending in a newline.
 */
export function openLogger(
  level: LogLevel,
  write: (line: string) => void,
  base: Readonly<Record<string, unknown>> = {},
): Logger {
  const emit = (at: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (weight[at] < weight[level]) return;
    const line: Record<string, unknown> = { time: new Date().toISOString(), level: at, ...base };
    for (const [key, value] of Object.entries(fields)) line[key] = printable(value);
    write(`${JSON.stringify({ ...line, message })}\n`);
  };
  return {
    debug: (message, fields) => emit("debug", message, fields),
    info: (message, fields) => emit("info", message, fields),
    warn: (message, fields) => emit("warn", message, fields),
    error: (message, fields) => emit("error", message, fields),
    child: (fields) => openLogger(level, write, { ...base, ...fields }),
  };
}
