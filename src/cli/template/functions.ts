/** The functions that templates may call: Go's own and Docker's. */
import { encodeText, encodeValue } from "./encode.ts";
import type { TemplateFunction } from "./execute.ts";
import { printValue } from "./print.ts";
import { formatPrintf } from "./printf.ts";
import { ArgumentTypeError } from "./template-error.ts";
import {
  boolType,
  concrete,
  elements,
  type GoValue,
  indirect,
  intType,
  isTruthy,
  lengthOf,
  stringSlice,
  stringType,
} from "./values.ts";

type Argument = GoValue | undefined;

function text(value: string): GoValue {
  return { type: stringType, data: value };
}

function truth(value: boolean): GoValue {
  return { type: boolType, data: value };
}

function typeName(argument: Argument): string {
  return concrete(argument)?.type.name ?? "<nil>";
}

/** The string that the argument at `index` must be. */
function stringArgument(args: readonly Argument[], index: number): string {
  const at = concrete(args[index]);
  if (at?.type.kind !== "string") throw new ArgumentTypeError(index, "string", typeName(at));
  return String(at.data ?? "");
}

/** The whole number that the argument at `index` must be. */
function integerArgument(args: readonly Argument[], index: number): number {
  const at = concrete(args[index]);
  if (at?.type.kind !== "int" && at?.type.kind !== "uint") throw new ArgumentTypeError(index, "int", typeName(at));
  return Number(at.data ?? 0);
}

/** The list of strings that the argument at `index` must be. */
function listArgument(args: readonly Argument[], index: number): string[] {
  const at = indirect(args[index]);
  if (at?.type.kind !== "slice") throw new ArgumentTypeError(index, "[]string", typeName(at));
  return elements(at).map((element) => printValue(element, 0));
}

function counted(min: number, max: number, run: (args: readonly Argument[]) => Argument): TemplateFunction {
  return (...args) => {
    if (args.length < min || args.length > max) {
      const want = min === max ? `${min}` : `at least ${min}`;
      throw new Error(`wrong number of args: want ${want} got ${args.length}`);
    }
    return run(args);
  };
}

function fromString(run: (value: string) => string): TemplateFunction {
  return counted(1, 1, (args) => text(run(stringArgument(args, 0))));
}

function index([base, ...keys]: readonly Argument[]): Argument {
  let at = indirect(base);
  if (at === undefined) throw new Error("index of untyped nil");
  for (const key of keys) {
    at = indirect(at);
    const by = concrete(key);
    if (at?.type.kind === "map") {
      if (by?.type.kind !== "string") throw new Error(`value has type ${by?.type.name ?? "nil"}; should be string`);
      const held = (at.data ?? {}) as Record<string, unknown>;
      const name = String(by.data ?? "");
      at = { type: at.type.element, data: Object.hasOwn(held, name) ? (held[name] ?? undefined) : undefined };
    } else if (at?.type.kind === "slice" || at?.type.kind === "string") {
      if (by === undefined) throw new Error("cannot index slice/array with nil");
      if (by.type.kind !== "int" && by.type.kind !== "uint") {
        throw new Error(`cannot index slice/array with type ${by.type.name}`);
      }
      const position = Number(by.data ?? 0);
      if (position < 0 || position >= lengthOf(at)) throw new Error(`index out of range: ${position}`);
      at =
        at.type.kind === "slice"
          ? elements(at)[position]
          : { type: { kind: "uint", name: "uint8" }, data: Buffer.from(String(at.data))[position] };
    } else if (at === undefined) {
      throw new Error("index of nil pointer");
    } else {
      throw new Error(`can't index item of type ${at.type.name}`);
    }
  }
  return concrete(at);
}

function slice([base, ...bounds]: readonly Argument[]): Argument {
  const at = indirect(base);
  if (at === undefined) throw new Error("slice of untyped nil");
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`);
  if (at.type.kind !== "string" && at.type.kind !== "slice")
    throw new Error(`can't slice item of type ${at.type.name}`);
  const length = lengthOf(at);
  const [start = 0, end = length] = bounds.map((_bound, position) => {
    const bound = concrete(bounds[position]);
    if (bound?.type.kind !== "int" && bound?.type.kind !== "uint") {
      throw new Error(`cannot index slice/array with ${bound === undefined ? "nil" : `type ${bound.type.name}`}`);
    }
    const value = Number(bound.data ?? 0);
    if (value < 0 || value > length) throw new Error(`index out of range: ${value}`);
    return value;
  });
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
  if (at.type.kind === "string")
    return text(
      Buffer.from(String(at.data ?? ""))
        .subarray(start, end)
        .toString(),
    );
  return { type: at.type, data: (at.data as readonly unknown[]).slice(start, end) };
}

function basic(argument: Argument): { family: string; value: bigint | number | string | boolean } {
  const at = concrete(argument);
  switch (at?.type.kind) {
    case "bool":
      return { family: "bool", value: Boolean(at.data ?? false) };
    case "int":
    case "uint":
    case "duration":
      return { family: "int", value: BigInt((at.data as number | bigint | undefined) ?? 0) };
    case "float":
      return { family: "float", value: Number(at.data ?? 0) };
    case "string":
    case "number":
      return { family: "string", value: String(at.data ?? "") };
    default:
      return { family: at?.type.kind ?? "nil", value: "" };
  }
}

function isEqual(a: Argument, b: Argument): boolean {
  const [left, right] = [basic(a), basic(b)];
  const isNilLike = (value: Argument): boolean => {
    const at = concrete(value);
    return at === undefined || (at.type.kind === "pointer" && (at.data ?? null) === null);
  };
  if (isNilLike(a) || isNilLike(b)) return isNilLike(a) && isNilLike(b);
  if (left.family === "map" || left.family === "slice")
    throw new Error(`non-comparable type ${printValue(a, 0)}: ${typeName(a)}`);
  if (left.family !== right.family) {
    throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  return left.value === right.value;
}

function compare(a: Argument, b: Argument): number {
  const [left, right] = [basic(a), basic(b)];
  if (left.family !== right.family) {
    throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  if (!["int", "float", "string"].includes(left.family)) throw new Error("invalid type for comparison");
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0;
}

function ordering(test: (order: number) => boolean): TemplateFunction {
  return counted(2, 2, ([a, b]) => truth(test(compare(a, b))));
}

/** What `print` and `println` make of their arguments: blanks between two that are both no strings. */
function printAll(args: readonly Argument[], isLine: boolean): string {
  let result = "";
  let wasString = true;
  for (const [position, argument] of args.entries()) {
    const isString = concrete(argument)?.type.kind === "string";
    if (position > 0 && (isLine || (!isString && !wasString))) result += " ";
    result += printValue(argument, 0);
    wasString = isString;
  }
  return isLine ? `${result}\n` : result;
}

function title(value: string): string {
  return value.replace(
    /(^|[^\p{L}\p{Nd}_'])(\p{L})/gu,
    (_all, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

const html: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&#34;",
  "'": "&#39;",
  "\0": "\uFFFD",
};

/** Go's built-in functions. */
const builtIn: Readonly<Record<string, TemplateFunction>> = {
  and: () => undefined,
  or: () => undefined,
  not: counted(1, 1, ([value]) => truth(!isTruthy(value))),
  eq: counted(2, Number.POSITIVE_INFINITY, ([first, ...others]) =>
    truth(others.some((other) => isEqual(first, other))),
  ),
  ne: counted(2, 2, ([a, b]) => truth(!isEqual(a, b))),
  lt: ordering((order) => order < 0),
  le: ordering((order) => order <= 0),
  gt: ordering((order) => order > 0),
  ge: ordering((order) => order >= 0),
  len: counted(1, 1, ([value]) => {
    const at = indirect(value);
    if (at === undefined) throw new Error("len of nil pointer");
    if (!["string", "slice", "map", "number"].includes(at.type.kind)) throw new Error(`len of type ${at.type.name}`);
    return { type: intType, data: lengthOf(at) };
  }),
  index: counted(1, Number.POSITIVE_INFINITY, index),
  slice: counted(1, Number.POSITIVE_INFINITY, slice),
  print: (...args) => text(printAll(args, false)),
  println: (...args) => text(printAll(args, true)),
  printf: counted(1, Number.POSITIVE_INFINITY, (args) => text(formatPrintf(stringArgument(args, 0), args.slice(1)))),
  html: (...args) => text(printAll(args, false).replace(/[<>&"'\0]/g, (character) => html[character] ?? character)),
  js: (...args) => text(encodeText(printAll(args, false)).slice(1, -1).replaceAll("'", "\\'")),
  urlquery: (...args) => text(encodeURIComponent(printAll(args, false)).replaceAll("%20", "+")),
};

/** The functions for values: Go's and Docker's. */
export const templateFunctions: Readonly<Record<string, TemplateFunction>> = {
  ...builtIn,
  json: counted(1, 1, ([value]) => text(encodeValue(value))),
  split: counted(2, 2, (args) => ({
    type: stringSlice,
    data: stringArgument(args, 0).split(stringArgument(args, 1)),
  })),
  join: counted(2, 2, (args) => text(listArgument(args, 0).join(stringArgument(args, 1)))),
  title: fromString(title),
  lower: fromString((value) => value.toLowerCase()),
  upper: fromString((value) => value.toUpperCase()),
  pad: counted(3, 3, (args) => {
    const inner = stringArgument(args, 0);
    if (inner === "") return text("");
    return text(" ".repeat(integerArgument(args, 1)) + inner + " ".repeat(integerArgument(args, 2)));
  }),
  truncate: counted(2, 2, (args) => {
    const whole = stringArgument(args, 0);
    const bytes = Buffer.from(whole);
    const limit = integerArgument(args, 1);
    return text(bytes.length < limit ? whole : bytes.subarray(0, limit).toString());
  }),
};

const keep: TemplateFunction = (value) => value;

/** The functions for a table's heading, which leave it as it is. */
export const headerFunctions: Readonly<Record<string, TemplateFunction>> = {
  ...templateFunctions,
  json: keep,
  split: keep,
  join: keep,
  title: keep,
  lower: keep,
  upper: keep,
  truncate: keep,
};

/** The names of the functions, for the parser. */
export const functionNames: ReadonlySet<string> = new Set(Object.keys(templateFunctions));
