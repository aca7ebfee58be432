import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until `look` gives something truthy, and gives that; rejects with `what` after `timeoutMs`. */
export async function until<T>(what: string, look: () => Promise<T> | T, timeoutMs = 10_000): Promise<NonNullable<T>> {
  for (const end = Date.now() + timeoutMs; ; await sleep(25)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not in ${timeoutMs} ms: ${what}`);
  }
}
