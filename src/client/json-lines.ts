/** Streams of JSON objects, one per line. */

/** Above this a line is no JSON object of Docker's but an attack or a mistake. */
const maxLineBytes = 16 << 20;

/** The lines of a stream of JSON values, as text and without blank ones. A last line without its newline counts too. */
export async function* readJsonLines(source: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of source) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    let start = 0;
    for (let end = held.indexOf(10, start); end >= 0; end = held.indexOf(10, start)) {
      const line = held.toString("utf8", start, end).trim();
      start = end + 1;
      if (line !== "") yield line;
    }
    held = held.subarray(start);
    if (held.length > maxLineBytes) throw new Error("the daemon sent a line that is too long");
  }
  const last = held.toString().trim();
  if (last !== "") yield last;
}
