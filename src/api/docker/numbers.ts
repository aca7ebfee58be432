import { internal, invalid } from "../../base/errors.ts";

/** Why a text is not a number, in Docker's words; undefined when it is one within the bounds. */
function problem(text: string, min: bigint, max: bigint, pattern: RegExp): string | undefined {
  if (!pattern.test(text)) return "invalid syntax";
  const value = BigInt(text.replace(/^\+/, ""));
  return value < min || value > max ? "value out of range" : undefined;
}

const int64Max = 2n ** 63n - 1n;

/** A whole number from a query. Errors: internal, as Docker has it. */
export function parseWhole(text: string): number {
  const wrong = problem(text, -int64Max - 1n, int64Max, /^[+-]?\d+$/);
  if (wrong !== undefined) throw internal(`strconv.Atoi: parsing ${JSON.stringify(text)}: ${wrong}`);
  return Number(text);
}

/** A number of 32 bits without sign. Errors: invalid, with `what` before the text. */
export function parseSize(text: string, what: string): number {
  const isNegative = /^-\d+$/.test(text);
  const wrong = isNegative ? "value out of range" : problem(text, 0n, 2n ** 32n - 1n, /^\d+$/);
  if (wrong !== undefined) throw invalid(`invalid ${what} ${JSON.stringify(text)}: ${wrong}`);
  return Number(text);
}

/** Nanoseconds since 1970 from `seconds[.fraction]`; 0n for an empty text. Errors: internal, as Docker has it. */
export function parseTimestamp(text: string): bigint {
  if (text === "") return 0n;
  const dot = text.indexOf(".");
  const seconds = dot === -1 ? text : text.slice(0, dot);
  const fraction = dot === -1 ? "" : text.slice(dot + 1);
  for (const part of dot === -1 ? [seconds] : [seconds, fraction]) {
    const wrong = problem(part, -int64Max - 1n, int64Max, /^[+-]?\d+$/);
    if (wrong !== undefined) throw internal(`strconv.ParseInt: parsing ${JSON.stringify(part)}: ${wrong}`);
  }
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}
