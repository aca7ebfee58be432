/**
 * Values as templates see them: JSON from the daemon together with the Go type that the stock client reads it into.
 * The type decides what fields exist, what an absent one is, and how things print.
 */

/** A type. `name` is how Go prints it in errors. */
export type GoType =
  | {
      readonly kind: "string" | "bool" | "int" | "uint" | "float" | "time" | "duration" | "number";
      readonly name: string;
    }
  | { readonly kind: "any"; readonly name: string }
  | { readonly kind: "slice"; readonly name: string; readonly element: GoType }
  | { readonly kind: "map"; readonly name: string; readonly element: GoType }
  | { readonly kind: "pointer"; readonly name: string; readonly element: GoType }
  | { readonly kind: "struct"; readonly name: string; readonly fields: () => readonly GoField[] }
  /** A thing with methods, such as a row of a list. */
  | { readonly kind: "object"; readonly name: string };

/** A field of a struct. */
export interface GoField {
  readonly name: string;
  /** Its name in JSON; empty when it is not there. */
  readonly key: string;
  readonly type: GoType;
  /** Left out of JSON when it is empty. */
  readonly isOptional: boolean;
}

/** A value of a type. `data` is what JSON held, or undefined for the type's zero. */
export interface GoValue {
  readonly type: GoType;
  readonly data: unknown;
}

/** What a template may ask of a row: methods by name, each giving its text or a value. */
export interface Row {
  readonly [method: string]: (...args: readonly string[]) => unknown;
}

export const stringType: GoType = { kind: "string", name: "string" };
export const boolType: GoType = { kind: "bool", name: "bool" };
export const intType: GoType = { kind: "int", name: "int" };
export const floatType: GoType = { kind: "float", name: "float64" };
export const anyType: GoType = { kind: "any", name: "interface {}" };
const numberType: GoType = { kind: "number", name: "json.Number" };
const anySlice: GoType = { kind: "slice", name: "[]interface {}", element: anyType };
const anyMap: GoType = { kind: "map", name: "map[string]interface {}", element: anyType };
export const stringSlice: GoType = { kind: "slice", name: "[]string", element: stringType };

/** A number in JSON text: its digits are kept as they were. */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** What is inside of an interface value: undefined for nil. Pointers stay. */
export function concrete(value: GoValue | undefined): GoValue | undefined {
  if (value?.type.kind !== "any") return value;
  const { data } = value;
  if (data === undefined || data === null) return undefined;
  if (typeof data === "string") return { type: stringType, data };
  if (typeof data === "boolean") return { type: boolType, data };
  if (data instanceof JsonNumber) return { type: numberType, data: data.source };
  if (typeof data === "number" || typeof data === "bigint") return { type: intType, data };
  return { type: Array.isArray(data) ? anySlice : anyMap, data };
}

/** What a value points at; a nil pointer and everything else stay as they are. */
export function indirect(value: GoValue | undefined): GoValue | undefined {
  let at = concrete(value);
  while (at?.type.kind === "pointer" && !isNil(at)) at = concrete({ type: at.type.element, data: at.data });
  return at;
}

/** Whether the value is a nil pointer, map, slice or interface. */
export function isNil(value: GoValue): boolean {
  const isNilable = ["pointer", "map", "slice", "any"].includes(value.type.kind);
  return isNilable && (value.data === undefined || value.data === null);
}

/** Whether `if` takes the value for true: what is not empty is. */
export function isTruthy(value: GoValue | undefined): boolean {
  const at = concrete(value);
  if (at === undefined) return false;
  const { type, data } = at;
  switch (type.kind) {
    case "struct":
    case "object":
    case "time":
      return true;
    case "pointer":
      return !isNil(at);
    case "slice":
    case "map":
      return lengthOf(at) > 0;
    case "number":
    case "string":
      return (data ?? "") !== "";
    default:
      return Boolean(data ?? 0) && data !== 0n;
  }
}

/** How many elements, entries or bytes a value has. */
export function lengthOf(value: GoValue): number {
  const { data } = value;
  if (data === undefined || data === null) return 0;
  if (typeof data === "string") return Buffer.byteLength(data);
  return Array.isArray(data) ? data.length : Object.keys(data).length;
}

/** The fields of a struct as they are at hand: from the JSON object, or zeros. */
export function fieldValue(value: GoValue, field: GoField): GoValue {
  const data = value.data as Record<string, unknown> | null | undefined;
  return { type: field.type, data: data?.[field.key] ?? undefined };
}

/** The entries of a map in the order of their keys. */
export function mapEntries(value: GoValue): [string, GoValue][] {
  if (value.type.kind !== "map") return [];
  const { element } = value.type;
  const data = (value.data ?? {}) as Record<string, unknown>;
  return Object.keys(data)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((key) => [key, { type: element, data: data[key] ?? undefined }]);
}

/** The elements of a slice. */
export function elements(value: GoValue): GoValue[] {
  if (value.type.kind !== "slice") return [];
  const { element } = value.type;
  return ((value.data ?? []) as readonly unknown[]).map((data) => ({ type: element, data: data ?? undefined }));
}

/** A value of Escale's own as templates see it. */
export function goValue(data: unknown): GoValue | undefined {
  if (data === undefined || data === null) return undefined;
  if (typeof data === "string") return { type: stringType, data };
  if (typeof data === "boolean") return { type: boolType, data };
  if (typeof data === "bigint") return { type: intType, data };
  if (typeof data === "number") return { type: Number.isInteger(data) ? intType : floatType, data };
  if (Array.isArray(data)) return { type: stringSlice, data };
  return { type: anyType, data };
}

/** Parses JSON, keeping numbers that a double cannot hold as bigint. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    const isInexact = typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined;
    return isInexact && /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/** Parses JSON without any type: numbers keep their digits. */
export function parseUntyped(text: string): GoValue {
  const data: unknown = JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? new JsonNumber(context?.source ?? String(value)) : value,
  );
  return { type: anyType, data };
}
