/** Spans of time as Docker prints them for people and reads them from options. */
import { invalid } from "./errors.ts";
import { quote } from "./quote.ts";

/** A span for people: `Less than a second`, `About a minute`, `3 hours`, `2 weeks`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(milliseconds / 60_000);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(milliseconds / 3_600_000 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(milliseconds / 3_600_000 / 24 / 365)} years`;
}

/** Nanoseconds in each unit of a duration. */
const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/**
 * Reads a duration such as `1m30s`, `250ms` or `-1.5h` as nanoseconds. Throws an invalid error with the text that
 * Docker's clients print.
 */
export function parseDuration(text: string): bigint {
  const quoted = quote(text);
  const [, sign = "", span = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (span === "0") return 0n;
  if (span === "") throw invalid(`time: invalid duration ${quoted}`);
  let total = 0n;
  let rest = span;
  while (rest !== "") {
    const match = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const [number = "", whole = "", fraction = ""] = match ?? [];
    if (whole === "" && fraction === "") throw invalid(`time: invalid duration ${quoted}`);
    rest = rest.slice(number.length);
    const unit = /^[^\d.]*/.exec(rest)?.[0] ?? "";
    if (unit === "") throw invalid(`time: missing unit in duration ${quoted}`);
    const size = nanoseconds[unit];
    if (size === undefined) throw invalid(`time: unknown unit ${quote(unit)} in duration ${quoted}`);
    total += BigInt(whole || "0") * size;
    if (fraction !== "") total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
    rest = rest.slice(unit.length);
  }
  if (total > 9_223_372_036_854_775_807n) throw invalid(`time: invalid duration ${quoted}`);
  return sign === "-" ? -total : total;
}

/** A duration in Go's form: `1m30s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(span: bigint): string {
  if (span === 0n) return "0s";
  const sign = span < 0n ? "-" : "";
  const length = span < 0n ? -span : span;
  const decimal = (value: bigint, unit: bigint): string => {
    const digits = (value % unit).toString().padStart(unit.toString().length - 1, "0");
    const fraction = unit === 1n ? "" : digits.replace(/0+$/, "");
    return `${value / unit}${fraction === "" ? "" : `.${fraction}`}`;
  };
  if (length < 1_000n) return `${sign}${length}ns`;
  if (length < 1_000_000n) return `${sign}${decimal(length, 1_000n)}\u00b5s`;
  if (length < 1_000_000_000n) return `${sign}${decimal(length, 1_000_000n)}ms`;
  const hours = length / 3_600_000_000_000n;
  const minutes = (length / 60_000_000_000n) % 60n;
  const seconds = `${decimal(length % 60_000_000_000n, 1_000_000_000n)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}
