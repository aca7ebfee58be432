/** How Go's fmt prints values with `%v`. */
import { formatDuration } from "../../base/durations.ts";
import { goTime } from "../format/go-time.ts";
import { concrete, elements, fieldValue, type GoValue, indirect, isNil, mapEntries } from "./values.ts";

/** What an action prints: pointers are followed, nothing is `<no value>`. */
export function printResult(value: GoValue | undefined): string {
  const at = indirect(value);
  return at === undefined ? "<no value>" : printValue(at, 0);
}

/** What `print` and `%v` make of a value. */
export function printValue(value: GoValue | undefined, depth: number): string {
  const at = concrete(value);
  if (at === undefined) return "<nil>";
  const { type, data } = at;
  switch (type.kind) {
    case "string":
    case "number":
      return String(data ?? "");
    case "bool":
      return String(data ?? false);
    case "int":
    case "uint":
      return typeof data === "number" && !Number.isInteger(data) ? formatFloat(data) : String(data ?? 0);
    case "float":
      return formatFloat(Number(data ?? 0));
    case "time":
      return goTime(String(data ?? "0001-01-01T00:00:00Z"));
    case "duration":
      return formatDuration(BigInt((data as number | bigint | undefined) ?? 0));
    case "slice":
      return `[${elements(at)
        .map((element) => printValue(element, depth + 1))
        .join(" ")}]`;
    case "map":
      return `map[${mapEntries(at)
        .map(([key, element]) => `${key}:${printValue(element, depth + 1)}`)
        .join(" ")}]`;
    case "struct":
      return `{${type
        .fields()
        .map((field) => printValue(fieldValue(at, field), depth + 1))
        .join(" ")}}`;
    case "pointer": {
      if (isNil(at)) return "<nil>";
      // Go shows where a pointer inside of something points; the place means nothing here.
      const target: GoValue = { type: type.element, data };
      return depth > 0 ? "0xc000000000" : `&${printValue(target, depth)}`;
    }
    default:
      return type.name;
  }
}

/** A float as Go's `%v` prints it. */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4 && exponent < 21) return String(value);
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const sign = power.startsWith("-") ? "-" : "+";
  return `${mantissa}e${sign}${power.replace(/^[+-]/, "").padStart(2, "0")}`;
}
