/** What happened in the engine, told once and read by everybody: clients of `GET /events`, loops, logs, metrics. */
import { nowNanos } from "../../base/clock.ts";
import type { EventMessage } from "../../wire/docker/system.ts";

/** The last events and those to come. Holds at most 256 past events, as Docker does. */
export interface Events {
  /** Tells an event, stamped now. */
  emit(type: string, action: string, actor: { id: string; attributes: Readonly<Record<string, string>> }): void;
  /** Past events that are still held, oldest first. */
  past(): readonly EventMessage[];
  /** Calls `listener` for each event from now on, until the returned function is called. */
  subscribe(listener: (event: EventMessage) => void): () => void;
}

/** Opens an empty event log. */
export function openEvents(): Events {
  const held: EventMessage[] = [];
  const listeners = new Set<(event: EventMessage) => void>();
  let last = 0n;
  return {
    emit: (type, action, actor) => {
      // Two events never bear the same time: clients that resume by time would miss one.
      let now = nowNanos();
      if (now <= last) now = last + 1n;
      last = now;
      const isLegacyType = type === "container" || type === "image";
      const event: EventMessage = {
        ...(isLegacyType && { status: action, id: actor.id }),
        ...(type === "container" && { from: actor.attributes.image ?? "" }),
        Type: type,
        Action: action,
        Actor: { ID: actor.id, Attributes: { ...actor.attributes } },
        scope: "local",
        time: Number(now / 1_000_000_000n),
        timeNano: now,
      };
      held.push(event);
      if (held.length > 256) held.shift();
      for (const listener of listeners) listener(event);
    },
    past: () => held,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
