/** The health checks of all running containers: one loop for each that has a check. */
import { parseRfc3339Nano } from "../../base/clock.ts";
import type { Execs } from "./exec.ts";
import { healthPlanOf } from "./health.ts";
import { checkHealth } from "./health-check.ts";
import { followHealth, systemClock } from "./health-loop.ts";
import type { Container, ContainerTable } from "./table.ts";

/** See the file's header. */
export class Healths implements AsyncDisposable {
  readonly #table: ContainerTable;
  readonly #execs: Execs;
  readonly #loops = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  /** Loops that were stopped and still end their last check. */
  readonly #ending = new Set<Promise<void>>();

  constructor(table: ContainerTable, execs: Execs) {
    this.#table = table;
    this.#execs = execs;
  }

  /** Begins to check a container that runs, where it has a check and none is under way. */
  begin(container: Container): void {
    const { id, record } = container;
    const plan = healthPlanOf(record.config);
    if (plan === undefined || record.state.status !== "running" || this.#loops.has(id)) return;
    const stop = new AbortController();
    const done = followHealth(
      {
        plan,
        startedAt: parseRfc3339Nano(record.state.startedAt) ?? 0n,
        clock: systemClock,
        check: (signal) => checkHealth(this.#execs, container, plan, signal),
        read: () => container.record.state.health,
        write: (health) => {
          const before = container.record.state.health?.Status;
          this.#table.note(container, { type: "checked", health });
          if (before !== health.Status) this.#table.emit(container, `health_status: ${health.Status}`);
        },
      },
      stop.signal,
    );
    this.#loops.set(id, { stop, done });
  }

  /** Stops checking a container; a check under way is killed. */
  end({ id }: Container): void {
    const loop = this.#loops.get(id);
    if (loop === undefined) return;
    this.#loops.delete(id);
    loop.stop.abort();
    this.#ending.add(loop.done);
    void loop.done.finally(() => this.#ending.delete(loop.done));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    for (const { stop } of loops) stop.abort();
    await Promise.allSettled([...this.#ending, ...loops.map(({ done }) => done)]);
  }
}
