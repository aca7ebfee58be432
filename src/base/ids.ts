import { randomBytes } from "node:crypto";

/** A new random identifier as Docker makes them: 64 lower-case hexadecimal digits, never all decimal in its short form. */
export function newId(): string {
  for (;;) {
    const id = randomBytes(32).toString("hex");
    // A short form of digits alone could be taken for a number (a port, a process id) by tools that read names.
    if (!/^\d{12}/.test(id)) return id;
  }
}

/** The short form that people see: the first 12 digits of an id; the algorithm of a digest is dropped. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(":") + 1).slice(0, 12);
}
