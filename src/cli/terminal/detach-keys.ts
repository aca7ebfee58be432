/** The keys that leave a container running and end the attachment, `ctrl-p,ctrl-q` unless told otherwise. */
import { invalid } from "../../base/errors.ts";

const defaultKeys: readonly number[] = [16, 17];
const controlKeys = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

/** Reads keys such as `ctrl-a,d` as bytes; an empty text is the default. Throws an invalid error. */
export function parseDetachKeys(text: string): readonly number[] {
  if (text === "") return defaultKeys;
  return text.split(",").map((key) => {
    if ([...key].length === 1) return key.charCodeAt(0);
    const control = /^ctrl-(.)$/.exec(key)?.[1];
    const code = control === undefined ? -1 : controlKeys.indexOf(control);
    if (code === -1) throw invalid(`Unknown character: '${key}'`);
    return code;
  });
}

/**
 * Looks for the keys in what is typed. The returned function takes a piece of input and gives what of it is to be
 * passed on; null once the keys were complete. Keys that could be the beginning of the sequence are held back.
 */
export function detachFilter(keys: readonly number[]): (input: Buffer) => Buffer | null {
  let matched = 0;
  return (input) => {
    const passed: number[] = [];
    for (const byte of input) {
      if (byte === keys[matched]) {
        matched++;
        if (matched === keys.length) return null;
        continue;
      }
      if (matched > 0) passed.push(...keys.slice(0, matched));
      matched = byte === keys[0] ? 1 : 0;
      if (matched === 0) passed.push(byte);
    }
    return Buffer.from(passed);
  };
}
