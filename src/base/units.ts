/** Sizes as Docker prints and reads them. */
import { invalid } from "./errors.ts";
import { quote } from "./quote.ts";

const decimalUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"] as const;
const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] as const;

/** A number with `digits` significant digits and no trailing zeros, as C's and Go's `%g` print it. */
export function formatSignificant(value: number, digits: number): string {
  if (value === 0) return "0";
  const [mantissa = "", exponentText = "0"] = value.toExponential(digits - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < digits) {
    const fixed = value.toFixed(Math.max(0, digits - 1 - exponent));
    return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
  }
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function scaled(size: number, base: number, units: readonly string[], digits: number): string {
  let value = size;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return formatSignificant(value, digits) + units[unit];
}

/** Bytes for people in powers of 1000: `1.88kB`, `77.9MB`. Lists show 3 digits, other places 4. */
export function humanSize(bytes: number, digits = 4): string {
  return scaled(bytes, 1000, decimalUnits, digits);
}

/** Bytes for people in powers of 1024: `23.54GiB`. */
export function binarySize(bytes: number): string {
  return scaled(bytes, 1024, binaryUnits, 4);
}

const powers: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * Reads `512`, `64m`, `1.5g`, `10KiB` or `2 GB` as bytes, every unit a power of 1024 as in Docker's memory options.
 * Throws an invalid error with Docker's text.
 */
export function parseBinarySize(text: string): number {
  const last = Math.max(...[..."0123456789. "].map((character) => text.lastIndexOf(character)));
  if (last === -1) throw invalid(`invalid size: '${text}'`);
  const number = text.slice(0, text[last] === " " ? last : last + 1);
  const suffix = text.slice(last + 1).toLowerCase();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number)) {
    throw invalid(`strconv.ParseFloat: parsing ${quote(number)}: invalid syntax`);
  }
  const value = Number(number);
  if (value < 0) throw invalid(`invalid size: '${text}'`);
  if (suffix === "" || suffix === "b") return Math.trunc(value);
  const power = powers[suffix[0] ?? ""];
  const rest = suffix.slice(1);
  if (power === undefined || (rest !== "" && rest !== "b" && rest !== "ib")) {
    throw invalid(`invalid suffix: '${suffix}'`);
  }
  return Math.trunc(value * 1024 ** power);
}
