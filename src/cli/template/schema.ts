/** Go types written short: `ID=Id:string Names:[]string Health?:*Health ...Resources`. */
import { anyType, boolType, floatType, type GoField, type GoType, intType, stringType } from "./values.ts";

/** Struct types by name, each as a list of fields: Go's name, `=` JSON's when it differs, `?` when left out if empty. */
export type Schema = Readonly<Record<string, string>>;

const scalars: Readonly<Record<string, GoType>> = {
  string: stringType,
  bool: boolType,
  int: intType,
  int64: { kind: "int", name: "int64" },
  uint: { kind: "uint", name: "uint" },
  uint16: { kind: "uint", name: "uint16" },
  uint64: { kind: "uint", name: "uint64" },
  float: floatType,
  time: { kind: "time", name: "time.Time" },
  duration: { kind: "duration", name: "time.Duration" },
  any: anyType,
};

/** Makes the type of that name of a schema; its fields are read when first asked for. */
export function goType(schema: Schema, text: string): GoType {
  if (text.startsWith("*")) {
    const element = goType(schema, text.slice(1));
    return { kind: "pointer", name: `*${element.name}`, element };
  }
  if (text.startsWith("[]")) {
    const element = goType(schema, text.slice(2));
    return { kind: "slice", name: `[]${element.name}`, element };
  }
  if (text.startsWith("map ")) {
    const element = goType(schema, text.slice(4));
    return { kind: "map", name: `map[string]${element.name}`, element };
  }
  const scalar = scalars[text];
  if (scalar !== undefined) return scalar;
  let fields: readonly GoField[] | undefined;
  return {
    kind: "struct",
    name: text,
    fields: () => {
      fields ??= readFields(schema, text);
      return fields;
    },
  };
}

function readFields(schema: Schema, name: string): GoField[] {
  const body = schema[name];
  if (body === undefined) throw new Error(`no type ${name} in the schema`);
  const fields: GoField[] = [];
  for (const word of body.split(/[;\n]/)) {
    const text = word.trim();
    if (text === "") continue;
    if (text.startsWith("...")) {
      fields.push(...readFields(schema, text.slice(3)));
      continue;
    }
    const [, field = "", key, optional, type = ""] = /^(\w+)(?:=([\w-]*))?(\?)?:(.+)$/.exec(text) ?? [];
    fields.push({ name: field, key: key ?? field, type: goType(schema, type), isOptional: optional === "?" });
  }
  return fields;
}
