/** Times as Go's clients print them. */

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}

/** The zone of this machine at a time: offset as `+0200` and its abbreviation. */
function zoneAt(date: Date): { minutes: number; name: string } {
  const minutes = -date.getTimezoneOffset();
  const short = /\(([^)]+)\)$/.exec(date.toString())?.[1] ?? "UTC";
  if (minutes === 0) return { minutes, name: "UTC" };
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(date);
  return { minutes, name: parts.find((part) => part.type === "timeZoneName")?.value ?? short };
}

function offsetText(minutes: number, separator: string): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.trunc(size / 60))}${separator}${pad(size % 60)}`;
}

function clock(date: Date, minutes: number): { day: string; time: string } {
  const local = new Date(date.getTime() + minutes * 60_000);
  const day = `${pad(local.getUTCFullYear(), 4)}-${pad(local.getUTCMonth() + 1)}-${pad(local.getUTCDate())}`;
  return { day, time: `${pad(local.getUTCHours())}:${pad(local.getUTCMinutes())}:${pad(local.getUTCSeconds())}` };
}

/** A number of seconds since 1970 in this machine's zone: `2025-11-21 03:11:10 +0000 UTC`. */
export function goTimeOfSeconds(seconds: number): string {
  const date = new Date(seconds * 1000);
  const { minutes, name } = zoneAt(date);
  const { day, time } = clock(date, minutes);
  return `${day} ${time} ${offsetText(minutes, "")} ${name}`;
}

/** A number of seconds since 1970 in this machine's zone as RFC 3339: `2025-11-21T03:11:10Z`. */
export function rfc3339OfSeconds(seconds: number): string {
  const date = new Date(seconds * 1000);
  const { minutes } = zoneAt(date);
  const { day, time } = clock(date, minutes);
  return `${day}T${time}${minutes === 0 ? "Z" : offsetText(minutes, ":")}`;
}

/** Nanoseconds since 1970 as RFC 3339 with all nine digits, in this machine's zone. */
export function rfc3339OfNanoseconds(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n;
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, "0");
  return rfc3339OfSeconds(Number(seconds)).replace(/(Z|[+-]\d\d:\d\d)$/, `.${fraction}$1`);
}

/** A time in RFC 3339 as Go prints it in its own zone: `2025-11-21 03:11:10.458766924 +0000 UTC`. */
export function goTime(text: string): string {
  const match = /^(\d+-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|([+-]\d\d):(\d\d))$/.exec(text);
  if (match === null) return text;
  const [, day, time, fraction = "", zone, hours = "+00", minutes = "00"] = match;
  const shortFraction = fraction.replace(/0+$/, "").replace(/^\.$/, "");
  const name = zone === "Z" ? "UTC" : `${hours}${minutes}`;
  return `${day} ${time}${shortFraction} ${hours}${minutes} ${name}`;
}

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A time in RFC 3339 as C's asctime prints it, in its own zone: `Tue Sep 15 11:02:57 2026`. Other texts stay. */
export function ansiTime(text: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(text);
  if (match === null) return text;
  const [, year = "", month = "", day = "", time] = match;
  const weekday = weekdays[new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay()];
  return `${weekday} ${months[Number(month) - 1]} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
