/** Go's JSON encoding of values, without escaping for HTML. */
import { concrete, elements, fieldValue, type GoValue, JsonNumber, mapEntries, type Row } from "./values.ts";

/** A text as Go's encoder writes it. */
export function encodeText(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (character) =>
    character === "\u2028" ? "\\u2028" : "\\u2029",
  );
}

/** The JSON of a value: structs in the order of their fields, maps in that of their keys. */
export function encodeValue(value: GoValue | undefined): string {
  const at = concrete(value);
  if (at === undefined) return "null";
  const { type, data } = at;
  const isAbsent = data === undefined || data === null;
  switch (type.kind) {
    case "string":
      return encodeText(String(data ?? ""));
    case "number":
    case "int":
    case "uint":
    case "float":
    case "duration":
      return data instanceof JsonNumber ? data.source : String(data ?? 0);
    case "bool":
      return String(data ?? false);
    case "time":
      return encodeText(String(data ?? "0001-01-01T00:00:00Z"));
    case "slice":
      return isAbsent ? "null" : `[${elements(at).map(encodeValue).join(",")}]`;
    case "map":
      return isAbsent
        ? "null"
        : `{${mapEntries(at)
            .map(([key, element]) => `${encodeText(key)}:${encodeValue(element)}`)
            .join(",")}}`;
    case "struct": {
      const parts: string[] = [];
      for (const field of type.fields()) {
        if (field.key === "" || field.key === "-") continue;
        const member = fieldValue(at, field);
        if (field.isOptional && isEmpty(member)) continue;
        parts.push(`${encodeText(field.key)}:${encodeValue(member)}`);
      }
      return `{${parts.join(",")}}`;
    }
    case "pointer":
      return isAbsent ? "null" : encodeValue({ type: type.element, data });
    case "object":
      return encodeRow(data as Row);
    default:
      return "null";
  }
}

function isEmpty(value: GoValue): boolean {
  const { type, data } = value;
  if (data === undefined || data === null) return type.kind !== "struct" && type.kind !== "time";
  if (type.kind === "slice") return (data as readonly unknown[]).length === 0;
  if (type.kind === "map") return Object.keys(data).length === 0;
  return data === "" || data === 0 || data === false;
}

/** The JSON of a row: what its methods without arguments give, in the order of their names. */
function encodeRow(row: Row): string {
  const parts: string[] = [];
  for (const name of Object.keys(row).sort()) {
    const method = row[name];
    if (method === undefined || method.length > 0) continue;
    const result = method();
    const text = typeof result === "string" ? encodeText(result) : (JSON.stringify(result) ?? "null");
    parts.push(`${encodeText(name)}:${text}`);
  }
  // Rows are encoded by themselves, where Go escapes what means something in HTML.
  const escapes: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };
  return `{${parts.join(",")}}`.replace(/[<>&]/g, (character) => escapes[character] ?? character);
}
