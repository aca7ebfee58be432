import type { TarEntry } from "./header.ts";
import { type TarEvent, TarParser } from "./parser.ts";

/** A member of an archive with its content, to be read before the next member is asked for. */
export interface TarMember {
  readonly entry: TarEntry;
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Reads an archive member by member; content that is not read is skipped. Errors: invalid, with Go's texts, when the
 * archive is malformed or cut off.
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarMember, void, void> {
  const parser = new TarParser();
  const chunks = source[Symbol.asyncIterator]();
  let events: Iterator<TarEvent> = [][Symbol.iterator]();
  const next = async (): Promise<TarEvent | undefined> => {
    for (;;) {
      const event = events.next();
      if (!event.done) return event.value;
      const chunk = await chunks.next();
      if (chunk.done) {
        parser.finish();
        return undefined;
      }
      events = parser.push(chunk.value);
    }
  };
  try {
    for (let event = await next(); event !== undefined; event = await next()) {
      if (event.kind !== "entry") continue;
      let left = event.entry.size;
      async function* content(): AsyncGenerator<Buffer> {
        while (left > 0) {
          const piece = await next();
          if (piece?.kind !== "data") return;
          left -= piece.data.length;
          yield piece.data;
        }
      }
      yield { entry: event.entry, body: content() };
      // What the reader left: its own iterator may be closed by now.
      for await (const _ of content());
    }
  } finally {
    await chunks.return?.();
  }
}
