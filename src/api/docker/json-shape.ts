/**
 * Shapes of request bodies. A body is checked against its shape as Docker does it: names of fields in any case, unknown
 * fields dropped, null as if absent, and Docker's words for a value of the wrong type, which name types as its
 * documents and its users know them.
 */

/** What a value may be. `goType` is how an error names it. */
export type Shape =
  | { readonly kind: "string" | "boolean" | "any"; readonly goType: string }
  | { readonly kind: "integer"; readonly goType: string; readonly min: number; readonly max: number }
  | { readonly kind: "list"; readonly goType: string; readonly of: Shape; readonly length?: number }
  | { readonly kind: "map"; readonly goType: string; readonly of: Shape }
  | { readonly kind: "struct"; readonly goType: string; readonly fields: Readonly<Record<string, Shape>> }
  /** A list of strings, or one string that stands for a list of one. */
  | { readonly kind: "words"; readonly goType: string };

/** The body does not fit; the message is Docker's. */
export class JsonTypeError extends Error {}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  int: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  uint: [0, 2 ** 64 - 2048],
  uint64: [0, 2 ** 64 - 2048],
  uint16: [0, 65535],
};

export const string: Shape = { kind: "string", goType: "string" };
export const boolean: Shape = { kind: "boolean", goType: "bool" };
export const words: Shape = { kind: "words", goType: "string" };
export const strings: Shape = { kind: "list", goType: "[]string", of: string };
export const stringMap: Shape = { kind: "map", goType: "map[string]string", of: string };

/** A string of a type with its own name. */
export function named(goType: string): Shape {
  return { kind: "string", goType };
}

/** An integer; `goType` may be a name of its own for a range given in `of`. */
export function integer(of: "int" | "int64" | "uint" | "uint16" | "uint64", goType: string = of): Shape {
  const [min, max] = ranges[of] ?? [0, 0];
  return { kind: "integer", goType, min, max };
}

export function list(of: Shape, goType = `[]${of.goType}`): Shape {
  return { kind: "list", goType, of };
}

export function map(of: Shape, goType = `map[string]${of.goType}`): Shape {
  return { kind: "map", goType, of };
}

export function struct(goType: string, fields: Readonly<Record<string, Shape>>): Shape {
  return { kind: "struct", goType, fields };
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** Where a value stands: names and indexes from the root, and whether the last step went into a list. */
interface Place {
  readonly root: string;
  readonly path: string;
  readonly isInList: boolean;
}

function below(place: Place, step: string, isInList: boolean): Place {
  return { root: place.root, path: `${place.path}.${step.replaceAll("~", "~0").replaceAll("/", "~1")}`, isInList };
}

function refuse(value: unknown, goType: string, place: Place, number = ""): never {
  const what = `json: cannot unmarshal ${nameOf(value)}${number}`;
  if (place.path === "") throw new JsonTypeError(`${what} into Go value of type ${goType}`);
  const where = `${place.root}${place.path}`;
  throw new JsonTypeError(`${what} into ${place.isInList ? "" : "Go struct field "}${where} of type ${goType}`);
}

const lowerNames = new WeakMap<object, ReadonlyMap<string, string>>();

function fieldName(fields: Readonly<Record<string, Shape>>, key: string): string | undefined {
  if (Object.hasOwn(fields, key)) return key;
  let names = lowerNames.get(fields);
  if (names === undefined) {
    names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
    lowerNames.set(fields, names);
  }
  return names.get(key.toLowerCase());
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fitStruct(shape: Extract<Shape, { kind: "struct" }>, value: unknown, place: Place): unknown {
  if (!isObject(value)) return refuse(value, shape.goType, place);
  const fitted: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = fieldName(shape.fields, key);
    const field = name === undefined ? undefined : shape.fields[name];
    if (name === undefined || field === undefined || item === null) continue;
    fitted[name] = fit(field, item, below(place, name, false));
  }
  return fitted;
}

function zeroOf(shape: Shape): unknown {
  if (shape.kind === "string") return "";
  if (shape.kind === "boolean") return false;
  return shape.kind === "integer" ? 0 : null;
}

function fitList(shape: Extract<Shape, { kind: "list" }>, value: unknown[], place: Place): unknown[] {
  const fitted = value.map((item, index) => fit(shape.of, item, below(place, String(index), true)));
  if (shape.length === undefined) return fitted;
  while (fitted.length < shape.length) fitted.push(zeroOf(shape.of));
  return fitted.slice(0, shape.length);
}

function fit(shape: Shape, value: unknown, place: Place): unknown {
  if (value === null) return zeroOf(shape);
  switch (shape.kind) {
    case "any":
      return value;
    case "string":
    case "boolean":
      return typeof value === shape.kind ? value : refuse(value, shape.goType, place);
    case "integer":
      if (typeof value !== "number") return refuse(value, shape.goType, place);
      if (Number.isInteger(value) && value >= shape.min && value <= shape.max) return value;
      return refuse(value, shape.goType, place, ` ${value}`);
    case "words":
      if (typeof value === "string") return [value];
      if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
      return refuse(value, shape.goType, { ...place, path: "" });
    case "list":
      if (!Array.isArray(value)) return refuse(value, shape.goType, place);
      return fitList(shape, value, place);
    case "map":
      if (!isObject(value)) return refuse(value, shape.goType, place);
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, fit(shape.of, item, below(place, key, false))]),
      );
    case "struct":
      return fitStruct(shape, value, place);
  }
}

/**
 * The parts of `value` that the shape knows, under the shape's spelling of their names. `root` is how errors name the
 * whole. Throws {@link JsonTypeError}.
 */
export function fitShape(shape: Shape, value: unknown, root: string): unknown {
  return fit(shape, value === null && shape.kind === "struct" ? {} : value, { root, path: "", isInList: false });
}
