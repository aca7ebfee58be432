/** Signals by name and number, as Docker takes them. Pure. */
import { constants } from "node:os";
import { invalid } from "../../base/errors.ts";

const firstRealTime = 34;
const lastRealTime = 64;

/** `SIGTERM`, `term`, `15` or `RTMIN+3` as a number. Errors: invalid, with Docker's text. */
export function parseSignal(text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number >= 1 && number <= lastRealTime) return number;
    throw invalid(`invalid signal: ${text}`);
  }
  const name = text.toUpperCase().replace(/^SIG/, "");
  const number = (constants.signals as Readonly<Record<string, number>>)[`SIG${name}`];
  if (number !== undefined) return number;
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (realTime !== null) {
    const offset = Number(realTime[3] ?? 0) * (realTime[2] === "-" ? -1 : 1);
    const value = (realTime[1] === "MIN" ? firstRealTime : lastRealTime) + offset;
    if (value >= firstRealTime && value <= lastRealTime) return value;
  }
  throw invalid(`invalid signal: ${text}`);
}
