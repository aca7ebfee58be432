/** The keys that take a client off a terminal without ending the program: `ctrl-p,ctrl-q` unless told otherwise. */
import { invalid } from "../../base/errors.ts";

const byName: Readonly<Record<string, number>> = {
  "ctrl-@": 0,
  "ctrl-[": 27,
  "ctrl-\\": 28,
  "ctrl-]": 29,
  "ctrl-^": 30,
  "ctrl-_": 31,
  DEL: 127,
};

/** Bytes of a sequence such as `ctrl-a,x`; empty text means the default. Errors: invalid. */
export function parseDetachKeys(text: string): number[] {
  if (text === "") return [16, 17];
  return text.split(",").map((key) => {
    const code = byName[key] ?? (/^ctrl-[a-zA-Z]$/.test(key) ? key.toLowerCase().charCodeAt(5) - 96 : undefined);
    if (code !== undefined) return code;
    if (key.length === 1) return key.charCodeAt(0);
    throw invalid(`Invalid detach keys (${text}) provided: Unknown character: '${key}'`);
  });
}

/** Looks for the detach keys in what is typed; the keys themselves never reach the program. */
export class DetachKeyScanner {
  readonly #keys: readonly number[];
  #matched = 0;

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  /** What of `data` goes on to the program; a begun sequence is held back until it is finished or broken. */
  scan(data: Buffer): { input: Buffer; isDetached: boolean } {
    // Most input has nothing to do with the keys and passes as it is.
    if (this.#matched === 0 && !data.includes(this.#keys[0] as number)) return { input: data, isDetached: false };
    const bytes: number[] = [];
    for (const byte of data) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched++;
        if (this.#matched === this.#keys.length) return { input: Buffer.from(bytes), isDetached: true };
        continue;
      }
      bytes.push(...this.#keys.slice(0, this.#matched));
      this.#matched = 0;
      if (byte === this.#keys[0]) this.#matched = 1;
      else bytes.push(byte);
    }
    return { input: Buffer.from(bytes), isDetached: false };
  }
}
