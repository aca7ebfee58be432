import { invalid, messageOf } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import type { Flag, Flags, FlagValues } from "./flag.ts";

/** What a command line said. */
export interface Parsed<F extends Flags> {
  readonly values: FlagValues<F>;
  /** The flags that were given, by their names in camel case. */
  readonly given: ReadonlySet<keyof F & string>;
  readonly args: readonly string[];
  /** Things to tell the person on standard error or, as Docker does, among the help. */
  readonly notices: readonly string[];
}

/** The long name of a flag, from its name in camel case. */
export function longName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Reads a command line with POSIX and GNU habits: `-it`, `-n5`, `-n 5`, `--name=x`, `--name x`, `--` ends the flags.
 * With `isInterspersed` false the first word that is no flag ends them too. Throws an invalid error for what it
 * cannot read.
 */
export function parseFlags<F extends Flags>(flags: F, line: readonly string[], isInterspersed: boolean): Parsed<F> {
  const byLong = new Map<string, string>();
  const byShort = new Map<string, string>();
  const values: Record<string, unknown> = {};
  for (const [key, flag] of Object.entries(flags)) {
    byLong.set(longName(key), key);
    if (flag.short !== undefined) byShort.set(flag.short, key);
    values[key] = flag.initial;
  }
  const given = new Set<keyof F & string>();
  const args: string[] = [];
  const notices: string[] = [];
  const rest = [...line];

  const set = (key: string, text: string): void => {
    const flag = flags[key] as Flag<unknown>;
    const target = flag.into ?? key;
    try {
      values[target] = flag.set(text, values[target]);
    } catch (error) {
      const name = flag.short === undefined ? `--${longName(key)}` : `-${flag.short}, --${longName(key)}`;
      throw invalid(`invalid argument ${quote(text)} for ${quote(name)} flag: ${messageOf(error)}`, { cause: error });
    }
    if (!given.has(key) && flag.deprecation !== undefined) {
      notices.push(`Flag --${longName(key)} has been deprecated, ${flag.deprecation}`);
    }
    given.add(key);
  };

  const nextWord = (problem: string): string => {
    const word = rest.shift();
    if (word === undefined) throw invalid(problem);
    return word;
  };

  const readLong = (word: string): void => {
    const equals = word.indexOf("=");
    const name = word.slice(2, equals === -1 ? undefined : equals);
    if (name === "" || name.startsWith("-")) throw invalid(`bad flag syntax: ${word}`);
    const key = byLong.get(name);
    if (key === undefined) throw invalid(`unknown flag: --${name}`);
    const inline = equals === -1 ? flags[key]?.bare : word.slice(equals + 1);
    set(key, inline ?? nextWord(`flag needs an argument: --${name}`));
  };

  const readShort = (word: string): void => {
    let letters = word.slice(1);
    while (letters !== "") {
      const letter = letters[0] ?? "";
      const key = byShort.get(letter);
      if (key === undefined) throw invalid(`unknown shorthand flag: '${letter}' in -${letters}`);
      if (key === "help") notices.push(`Flag shorthand -${letter} has been deprecated, use --help`);
      const hasInline = letters.length > 2 && letters[1] === "=";
      const bare = flags[key]?.bare;
      if (!hasInline && bare !== undefined) {
        set(key, bare);
        letters = letters.slice(1);
        continue;
      }
      const inline = hasInline ? letters.slice(2) : letters.slice(1);
      set(key, inline === "" ? nextWord(`flag needs an argument: '${letter}' in -${letters}`) : inline);
      letters = "";
    }
  };

  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      args.push(...rest);
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      args.push(word);
      if (isInterspersed) continue;
      args.push(...rest);
      break;
    }
    if (word.startsWith("--")) readLong(word);
    else readShort(word);
  }
  return { values: values as FlagValues<F>, given, args, notices };
}
