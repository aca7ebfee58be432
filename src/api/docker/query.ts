import { invalid } from "../../base/errors.ts";
import { parseWhole } from "./numbers.ts";

/** The part of a target behind `?`, read as Docker reads it. The first of several values of a name counts. */
export interface Query {
  /** The value, or empty. */
  text(name: string): string;
  texts(name: string): readonly string[];
  has(name: string): boolean;
  /** False for absent, empty, `0`, `no`, `false` and `none`; else true. */
  flag(name: string): boolean;
  /** A whole number; undefined when absent or empty. Errors: internal, as Docker has it. */
  whole(name: string): number | undefined;
}

const falseTexts: ReadonlySet<string> = new Set(["", "0", "no", "false", "none"]);

/** Reads a query (without the `?`). Errors: invalid for a broken escape. */
export function parseQuery(text: string): Query {
  const broken = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text);
  if (broken !== null) throw invalid(`invalid URL escape ${JSON.stringify(broken[0])}`);
  const values = new URLSearchParams(text);
  const get = (name: string): string => values.get(name) ?? "";
  return {
    text: get,
    texts: (name) => values.getAll(name),
    has: (name) => values.has(name),
    flag: (name) => !falseTexts.has(get(name).trim().toLowerCase()),
    whole: (name) => (get(name) === "" ? undefined : parseWhole(get(name))),
  };
}
