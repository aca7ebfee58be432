import { invalid } from "../../base/errors.ts";
import type { Events } from "../../engine/events/index.ts";
import type { System } from "../../engine/system/index.ts";
import type { AnswerStream } from "../../http/index.ts";
import type { EventMessage } from "../../wire/docker/system.ts";
import { encodeItem, openStream } from "./answers.ts";
import { matchesEvent } from "./event-filters.ts";
import { parseFilters } from "./filters.ts";
import { parseTimestamp } from "./numbers.ts";
import type { DockerRequest, Handlers } from "./request.ts";

/** How many events may wait for a client that does not read; beyond it the client is cut off. */
const maxWaiting = 4096;

interface Wanted {
  /** Nanoseconds since 1970; 0n for no bound. */
  readonly since: bigint;
  readonly until: bigint;
  readonly matches: (event: EventMessage) => boolean;
}

function wantedOf(request: DockerRequest): Wanted {
  const { query } = request;
  const since = parseTimestamp(query.text("since"));
  const until = parseTimestamp(query.text("until"));
  if (until !== 0n && until < since) {
    const seconds = (time: bigint): bigint => time / 1_000_000_000n;
    throw invalid(`\`since\` time (${seconds(since)}) cannot be after \`until\` time (${seconds(until)})`);
  }
  const filters = parseFilters(query.text("filters"));
  return { since, until, matches: (event) => matchesEvent(filters, event) };
}

function replay(events: Events, wanted: Wanted): EventMessage[] {
  const { since, until } = wanted;
  if (since === 0n && until === 0n) return [];
  return events
    .past()
    .filter(({ timeNano }) => timeNano >= since && (until === 0n || timeNano <= until))
    .filter(wanted.matches);
}

/** Writes events in their order; several that come while the client is slow wait in a bounded queue. */
function openEventWriter(stream: AnswerStream): { write(event: EventMessage): void; idle(): Promise<void> } {
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting.join("");
      waiting = [];
      await stream.write(lines);
    }
    writing = undefined;
  };
  return {
    write: (event) => {
      waiting.push(`${encodeItem(event)}\n`);
      if (waiting.length > maxWaiting) stream.abort();
      else writing ??= drain();
    },
    idle: async () => writing,
  };
}

function ended(signal: AbortSignal, milliseconds: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    const timer = milliseconds === undefined ? undefined : setTimeout(resolve, Math.min(milliseconds, 2 ** 31 - 1));
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** What happens in the engine: past and to come. */
export function eventHandlers(deps: { readonly events: Events; readonly system: System }): Handlers {
  return {
    SystemEvents: async (request) => {
      const wanted = wantedOf(request);
      const { signal } = request.exchange;
      const stream = openStream(request, "application/json");
      const writer = openEventWriter(stream);
      // Subscribing in the same turn as replaying: no event is lost or told twice between the two.
      for (const event of replay(deps.events, wanted)) writer.write(event);
      const left = wanted.until === 0n ? undefined : Number(wanted.until / 1_000_000n) - Date.now();
      if (left === undefined || left > 0) {
        const unsubscribe = deps.events.subscribe((event) => {
          if (wanted.matches(event)) writer.write(event);
        });
        const release = deps.system.countEventListener();
        await ended(signal, left);
        release();
        unsubscribe();
      }
      await writer.idle();
      stream.end();
    },
  };
}
