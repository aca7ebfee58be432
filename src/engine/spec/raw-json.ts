/** A number as it is written, which `JSON.stringify` puts out unchanged: for 64-bit values beyond 2^53. */
export function rawJson(text: string): object {
  return (JSON as unknown as { rawJSON: (text: string) => object }).rawJSON(text);
}

/** What the kernel calls unlimited (RLIM_INFINITY). */
export const unlimited: object = rawJson("18446744073709551615");
