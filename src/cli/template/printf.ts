/** Go's `printf` for the values that templates meet. */
import { quote } from "../../base/quote.ts";
import { formatFloat, printValue } from "./print.ts";
import { concrete, type GoValue } from "./values.ts";

interface Spec {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
}

function padded(text: string, spec: Spec, isNumeric: boolean): string {
  if (text.length >= spec.width) return text;
  if (spec.flags.includes("-")) return text.padEnd(spec.width);
  if (!isNumeric || !spec.flags.includes("0")) return text.padStart(spec.width);
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  return sign + text.slice(sign.length).padStart(spec.width - sign.length, "0");
}

function integer(value: bigint, spec: Spec): string | undefined {
  const sign = value < 0n ? "-" : spec.flags.includes("+") ? "+" : spec.flags.includes(" ") ? " " : "";
  const size = value < 0n ? -value : value;
  switch (spec.verb) {
    case "d":
    case "v":
      return sign + size;
    case "x":
      return `${sign}${spec.flags.includes("#") ? "0x" : ""}${size.toString(16)}`;
    case "X":
      return `${sign}${spec.flags.includes("#") ? "0X" : ""}${size.toString(16).toUpperCase()}`;
    case "o":
      return sign + size.toString(8);
    case "b":
      return sign + size.toString(2);
    case "c":
      return String.fromCodePoint(Number(size));
    case "q":
      return `'${String.fromCodePoint(Number(size))}'`;
    default:
      return undefined;
  }
}

function float(value: number, spec: Spec): string | undefined {
  const sign = value >= 0 && spec.flags.includes("+") ? "+" : "";
  switch (spec.verb) {
    case "v":
    case "g":
      return (
        sign +
        (spec.precision === undefined ? formatFloat(value) : String(Number(value.toPrecision(spec.precision || 1))))
      );
    case "f":
    case "F":
      return sign + value.toFixed(spec.precision ?? 6);
    case "e":
      return sign + value.toExponential(spec.precision ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
    default:
      return undefined;
  }
}

function string(value: string, spec: Spec): string | undefined {
  const cut = spec.precision === undefined ? value : [...value].slice(0, spec.precision).join("");
  switch (spec.verb) {
    case "s":
    case "v":
      return cut;
    case "q":
      return quote(cut);
    case "x":
      return Buffer.from(cut).toString("hex");
    case "X":
      return Buffer.from(cut).toString("hex").toUpperCase();
    default:
      return undefined;
  }
}

function one(argument: GoValue | undefined, spec: Spec): string {
  const at = concrete(argument);
  if (spec.verb === "T") return padded(at?.type.name ?? "<nil>", spec, false);
  if (at === undefined) return spec.verb === "v" ? padded("<nil>", spec, false) : `%!${spec.verb}(<nil>)`;
  const { kind } = at.type;
  const isNumeric = kind === "int" || kind === "uint" || kind === "float";
  let text: string | undefined;
  if (kind === "int" || kind === "uint") text = integer(BigInt((at.data as number | bigint | undefined) ?? 0), spec);
  else if (kind === "float") text = float(Number(at.data ?? 0), spec);
  else if (kind === "string" || kind === "number") text = string(String(at.data ?? ""), spec);
  else if (kind === "bool") text = spec.verb === "t" || spec.verb === "v" ? String(at.data ?? false) : undefined;
  else if (spec.verb === "v" || spec.verb === "s") text = printValue(at, 0);
  if (text === undefined) return `%!${spec.verb}(${at.type.name}=${printValue(at, 0)})`;
  return padded(text, spec, isNumeric);
}

/** Formats `args` by a format of Go's fmt; what does not fit is shown as Go shows it. */
export function formatPrintf(format: string, args: readonly (GoValue | undefined)[]): string {
  let used = 0;
  const result = format.replace(
    /%([-+# 0]*)(\d+|\*)?(?:\.(\d+)?)?(.|$)/gsu,
    (all, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (verb === "") return "%!(NOVERB)";
      const wide = width === "*" ? Number(args[used++]?.data ?? 0) : Number(width ?? 0);
      if (used >= args.length) return `%!${verb}(MISSING)`;
      const hasPrecision = /\.(\d*)/.exec(all.slice(0, -verb.length));
      const spec = { flags, width: wide, precision: hasPrecision ? Number(precision ?? 0) : undefined, verb };
      return one(args[used++], spec);
    },
  );
  if (used >= args.length) return result;
  const extra = args.slice(used).map((argument) => {
    const at = concrete(argument);
    return at === undefined ? "<nil>" : `${at.type.name}=${printValue(at, 0)}`;
  });
  return `${result}%!(EXTRA ${extra.join(", ")})`;
}
