/** All containers in memory, each backed by its record on disk: the one place that reads and writes records. */
import type { Socket } from "node:net";
import { conflict, invalid, notFound } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import type { Events } from "../events/index.ts";
import { type ContainerEvent, type ContainerRecord, next } from "./record.ts";

/** Where records are kept; each call is one durable transaction. */
export interface ContainerStore {
  all(): ContainerRecord[];
  put(record: ContainerRecord): void;
  delete(id: string): void;
}

/** Somebody who waits for a container to end or to be removed. */
export interface Waiter {
  readonly condition: "not-running" | "next-exit" | "removed";
  readonly resolve: (exitCode: number) => void;
}

/** An attach asked for before the container started: connected between create and start, so no byte is lost. */
export interface PendingAttachment {
  connected(socket: Socket): void;
  cancelled(): void;
}

/** A container in memory. */
export class Container {
  record: ContainerRecord;
  readonly waiters: Set<Waiter> = new Set();
  readonly pendingAttachments: Set<PendingAttachment> = new Set();
  readonly execIds: Set<string> = new Set();
  /** Resolves when the present run has ended; replaced at each start. */
  ended: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Set while a restart waits for its time: aborting it ends the waiting. */
  restartTimer: AbortController | undefined;
  /** Resolves at the next end of the first process, before anything is cleaned up. */
  dying: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Whether a stop is under way: its event comes before that of the end. */
  isStopping = false;
  /** How long the next restart waits, in milliseconds. */
  restartDelay = 0;

  constructor(record: ContainerRecord) {
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }
}

/** Finds containers by id, name or unique prefix, and keeps their records. */
export class ContainerTable {
  readonly #byId = new Map<string, Container>();
  readonly #byName = new Map<string, Container>();
  /** Names that a create holds before its record is written. */
  readonly #reserved = new Map<string, string>();
  readonly #store: ContainerStore;
  readonly #events: Events;
  readonly #log: Logger;

  constructor(store: ContainerStore, events: Events, log: Logger) {
    this.#store = store;
    this.#events = events;
    this.#log = log;
    for (const record of store.all()) {
      const container = new Container(record);
      this.#byId.set(record.id, container);
      if (record.state.status !== "removing") this.#byName.set(record.name, container);
    }
  }

  /** Every container that users may see, oldest first. */
  visible(): Container[] {
    return [...this.#byId.values()].filter((each) => each.record.state.status !== "removing");
  }

  /** Those whose removal has begun: an earlier daemon may have been killed in the middle of it. */
  removing(): Container[] {
    return [...this.#byId.values()].filter((each) => each.record.state.status === "removing");
  }

  byId(id: string): Container | undefined {
    return this.#byId.get(id);
  }

  /** By id, name or unique prefix of an id. Errors: not-found, invalid for an ambiguous prefix. */
  resolve(reference: string): Container {
    const name = reference.startsWith("/") ? reference.slice(1) : reference;
    const exact = this.#byId.get(reference) ?? this.#byName.get(name);
    if (exact !== undefined && exact.record.state.status !== "removing") return exact;
    const matches =
      reference === "" ? [] : [...this.#byId.keys()].filter((id) => id.startsWith(reference) && this.#isVisible(id));
    if (matches.length > 1) throw invalid(`multiple IDs found with provided prefix: ${reference}`);
    const only = matches[0] === undefined ? undefined : this.#byId.get(matches[0]);
    if (only === undefined) throw notFound(`No such container: ${reference}`);
    return only;
  }

  #isVisible(id: string): boolean {
    return this.#byId.get(id)?.record.state.status !== "removing";
  }

  isNameTaken(name: string): boolean {
    return this.#byName.has(name) || this.#reserved.has(name);
  }

  /** Holds a name for the container `id` until {@link add} or {@link release}. Errors: conflict, with Docker's text. */
  reserve(name: string, id: string): void {
    const owner = this.#byName.get(name)?.id ?? this.#reserved.get(name);
    if (owner !== undefined) {
      throw conflict(
        `Conflict. The container name "/${name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
    this.#reserved.set(name, id);
  }

  release(name: string): void {
    this.#reserved.delete(name);
  }

  /** Writes a new container's record; from here on it exists. */
  add(record: ContainerRecord): Container {
    this.#store.put(record);
    const container = new Container(record);
    this.#byId.set(record.id, container);
    this.#byName.set(record.name, container);
    this.#reserved.delete(record.name);
    return container;
  }

  /** Changes a record on disk and in memory. */
  update(container: Container, change: Partial<ContainerRecord>): void {
    const record = { ...container.record, ...change };
    this.#store.put(record);
    if (change.name !== undefined && change.name !== container.record.name) {
      this.#byName.delete(container.record.name);
      this.#byName.set(change.name, container);
    }
    container.record = record;
  }

  /** Moves a container's state by `event`. */
  apply(container: Container, event: ContainerEvent, change: Partial<ContainerRecord> = {}): void {
    this.update(container, { ...change, state: next(container.record.state, event) });
    if (event.type === "removing") this.#byName.delete(container.record.name);
  }

  /**
   * Moves a container's state by something that has happened, whether the disk takes the record or not: a full one must
   * not keep an exit from those who wait for it. The record is written with the next change.
   */
  note(container: Container, event: ContainerEvent, change: Partial<ContainerRecord> = {}): void {
    try {
      this.apply(container, event, change);
    } catch (error) {
      this.#log.error("a container's record cannot be written", { id: container.id, event: event.type, error });
      container.record = { ...container.record, ...change, state: next(container.record.state, event) };
      if (event.type === "removing") this.#byName.delete(container.record.name);
    }
  }

  /** Forgets a container wholly. */
  forget(container: Container): void {
    this.#store.delete(container.id);
    this.#byId.delete(container.id);
  }

  /** Tells an event of a container, with the attributes that Docker gives. */
  emit(container: Container, action: string, attributes: Readonly<Record<string, string>> = {}): void {
    const { config, name } = container.record;
    this.#events.emit("container", action, {
      id: container.id,
      attributes: { ...config.Labels, ...attributes, image: config.Image, name },
    });
  }
}

/** Errors: conflict while a container waits for its next restart. */
export function refuseWhileRestarting({ id, record }: Container): void {
  if (record.state.status === "restarting") {
    throw conflict(`Container ${id} is restarting, wait until the container is running`);
  }
}

/** How containers are named in messages: their short id. */
export function nameInMessages(container: Container): string {
  return shortId(container.id);
}
