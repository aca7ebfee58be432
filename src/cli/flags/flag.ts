/** Flags as data: a command declares them, {@link ./parse.ts} reads them, {@link ./usage.ts} shows them. */

import { formatDuration, parseDuration } from "../../base/durations.ts";
import { invalid } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import { parseBinarySize } from "../../base/units.ts";

/** One flag of a command. Its long name is its key among the command's flags, in kebab case. */
export interface Flag<T> {
  /** What help shows for its value; empty for none. */
  readonly type: string;
  readonly usage: string;
  /** The one-letter form. */
  readonly short?: string;
  readonly initial: T;
  /** The default as help shows it; absent when it is the empty one. */
  readonly shownDefault?: string;
  /** The value that the flag alone, without `=value`, stands for. */
  readonly bare?: string;
  readonly isHidden?: boolean;
  /** What to say when it is used, for a flag that is going away. */
  readonly deprecation?: string;
  /** The flag that it is an older name of, by its name in camel case: values go there. */
  readonly into?: string;
  /** The value after meeting `text`; throws an invalid error with the reason. */
  readonly set: (text: string, current: T) => T;
}

/** The flags of a command by name in camel case. */
// biome-ignore lint/suspicious/noExplicitAny: flags of every value type are held together
export type Flags = Readonly<Record<string, Flag<any>>>;

/** The values of flags after parsing. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

/** What may be said of a flag besides its type and usage. */
export interface FlagOptions {
  readonly short?: string;
  readonly isHidden?: boolean;
  readonly deprecation?: string;
  readonly into?: string;
}

const truths: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/** Reads a boolean as flags spell it; throws an invalid error. */
export function parseBoolean(text: string): boolean {
  const value = truths[text];
  if (value === undefined) throw invalid(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
  return value;
}

/** A flag that is there or not. */
export function boolFlag(usage: string, options: FlagOptions & { initial?: boolean } = {}): Flag<boolean> {
  const { initial = false, ...rest } = options;
  return {
    type: "",
    usage,
    initial,
    bare: "true",
    set: parseBoolean,
    ...(initial && { shownDefault: "true" }),
    ...rest,
  };
}

/** A flag with any text. */
export function stringFlag(usage: string, options: FlagOptions & { initial?: string } = {}): Flag<string> {
  const { initial = "", ...rest } = options;
  return {
    type: "string",
    usage,
    initial,
    set: (text) => text,
    ...(initial !== "" && { shownDefault: quote(initial) }),
    ...rest,
  };
}

/** Reads a whole number as flags spell it: decimal, 0x…, 0o…, 0b…, with underscores between digits. */
function parseInteger(text: string, call: string, min: bigint, max: bigint): bigint {
  const failed = (reason: string): Error => invalid(`strconv.${call}: parsing ${quote(text)}: ${reason}`);
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (call === "ParseUint" && sign !== "") throw failed("invalid syntax");
  const octal = /^0[0-7_]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  if (!/^(\d[\d_]*|0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)$/.test(octal) || octal.endsWith("_")) {
    throw failed("invalid syntax");
  }
  if (/^0\d/.test(octal)) throw failed("invalid syntax");
  const magnitude = BigInt(octal.replaceAll("_", ""));
  const value = sign === "-" ? -magnitude : magnitude;
  if (value < min || value > max) throw failed("value out of range");
  return value;
}

const int64Max = (1n << 63n) - 1n;

/** A flag with a whole number. Beyond 2^53 it loses its last digits. */
export function intFlag(usage: string, options: FlagOptions & { initial?: number; type?: string } = {}): Flag<number> {
  const { initial = 0, type = "int", ...rest } = options;
  return {
    type,
    usage,
    initial,
    set: (text) => Number(parseInteger(text, "ParseInt", -int64Max - 1n, int64Max)),
    ...(initial !== 0 && { shownDefault: String(initial) }),
    ...rest,
  };
}

/** A flag with a whole number from 0 to 2^bits - 1. */
export function uintFlag(usage: string, bits: 16 | 64, options: FlagOptions = {}): Flag<number> {
  const max = (1n << BigInt(bits)) - 1n;
  const type = bits === 64 ? "uint" : `uint${bits}`;
  return { type, usage, initial: 0, set: (text) => Number(parseInteger(text, "ParseUint", 0n, max)), ...options };
}

/** A flag that may be given many times; `check` may refuse or change a value. */
export function listFlag(
  usage: string,
  options: FlagOptions & { check?: (text: string) => string; shownDefault?: string } = {},
): Flag<readonly string[]> {
  const { check = (text: string) => text, ...rest } = options;
  return { type: "list", usage, initial: [], set: (text, current) => [...current, check(text)], ...rest };
}

/** A flag with `key=value`, which may be given many times. */
export function mapFlag(usage: string, check?: (text: string) => void): Flag<Readonly<Record<string, string>>> {
  return {
    type: "map",
    usage,
    initial: {},
    shownDefault: "map[]",
    set: (text, current) => {
      check?.(text);
      const equals = text.indexOf("=");
      return equals === -1
        ? { ...current, [text]: "" }
        : { ...current, [text.slice(0, equals)]: text.slice(equals + 1) };
    },
  };
}

/** A flag with a number of bytes; `allowsUnlimited` lets -1 through. */
export function bytesFlag(usage: string, options: FlagOptions & { allowsUnlimited?: boolean } = {}): Flag<number> {
  const { allowsUnlimited = false, ...rest } = options;
  const set = (text: string): number => (allowsUnlimited && text === "-1" ? -1 : parseBinarySize(text));
  return { type: "bytes", usage, initial: 0, set, ...rest };
}

/** A flag with a span of time, in nanoseconds. */
export function durationFlag(usage: string, initial = 0n): Flag<bigint> {
  const shown = initial === 0n ? {} : { shownDefault: formatDuration(initial) };
  return { type: "duration", usage, initial, set: parseDuration, ...shown };
}

/** The same flag without its one-letter form. */
export function longOnly<T>(flag: Flag<T>): Flag<T> {
  const { short: _short, ...rest } = flag;
  return rest;
}

/** Filters by name, from `--filter name=value`. */
export function filterFlag(usage: string): Flag<Readonly<Record<string, readonly string[]>>> {
  return {
    type: "filter",
    short: "f",
    usage,
    initial: {},
    set: (text, current) => {
      if (text === "") return current;
      const equals = text.indexOf("=");
      if (equals === -1) throw invalid("bad format of filter (expected name=value)");
      const name = text.slice(0, equals).trim().toLowerCase();
      return { ...current, [name]: [...(current[name] ?? []), text.slice(equals + 1).trim()] };
    },
  };
}
