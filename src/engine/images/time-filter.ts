import { invalid } from "../../base/errors.ts";

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a duration in Go's notation (`1h30m`, `-1.5s`); undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text);
  if (match === null) return text === "0" ? 0 : undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(amount) * unitMilliseconds[unit!]!;
  }
  return match[1] === "-" ? -sum : sum;
}

/**
 * A moment as Docker's filters take it, in milliseconds since 1970: seconds since 1970, a duration before now, or a
 * date. Errors: invalid with Docker's text.
 */
export function parseMoment(text: string, now: number): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return now - duration;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  const padded = /T\d{2}(Z|[+-]|$)/.test(text) ? text.replace(/T\d{2}/, "$&:00") : text;
  const moment = isDate ? Date.parse(padded.includes("T") ? padded : `${padded}T00:00:00`) : Number.NaN;
  if (Number.isNaN(moment)) throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return moment;
}
