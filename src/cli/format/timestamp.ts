/** Points in time as options give them. */
import { parseDuration } from "../../base/durations.ts";
import { quote } from "../../base/quote.ts";

/**
 * Turns `42m` (that long ago, in whole seconds), an RFC 3339 time in whole or in part (this machine's zone where it has none), or seconds
 * since 1970 into the daemon's `SECONDS.NANOSECONDS`. Seconds stay as they are. Throws an Error with Docker's text.
 */
export function timestampOf(text: string, now: number): string {
  try {
    const span = parseDuration(text);
    const at = BigInt(Math.trunc(now)) * 1_000_000n - span;
    return String(at / 1_000_000_000n);
  } catch {
    // Not a span: perhaps a date.
  }
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (match === null) {
    // The daemon takes seconds with or without a fraction.
    if (/^-?\d+(\.\d{1,9})?$/.test(text)) return text;
    throw new Error(`failed to parse value as time or duration: ${quote(text)}`);
  }
  const [, day = "", hour = "00", minute = "00", second = "00", fraction = "", zone = ""] = match;
  const milliseconds = Date.parse(`${day}T${hour}:${minute}:${second}${zone}`);
  const nanoseconds = BigInt(fraction.slice(1).padEnd(9, "0") || "0");
  return stamp(BigInt(Math.trunc(milliseconds / 1000)), nanoseconds);
}

function stamp(seconds: bigint, nanoseconds: bigint): string {
  return `${seconds}.${nanoseconds.toString().padStart(9, "0")}`;
}
