/** The json-files of all containers that keep one: begun with a run, finished at its end. */
import { JsonMirror } from "../logs/index.ts";
import type { ContainersDeps } from "./deps.ts";
import { pathsOf } from "./paths.ts";
import { isRunning } from "./record.ts";
import type { Container } from "./table.ts";

/** The mirrors of this daemon, at most one per container. */
export class LogMirrors implements AsyncDisposable {
  readonly #deps: Pick<ContainersDeps, "instance" | "log">;
  readonly #open = new Map<string, JsonMirror>();
  readonly #ending = new Map<string, { readonly mirror: JsonMirror; readonly done: Promise<void> }>();
  #isClosed = false;

  constructor(deps: Pick<ContainersDeps, "instance" | "log">) {
    this.#deps = deps;
  }

  /** Begins to mirror a container's log, where its driver is json-file; one that does not run is brought up to date. */
  begin(container: Container): void {
    const { id, record } = container;
    if (record.hostConfig.LogConfig.Type !== "json-file" || this.#open.has(id)) return;
    const ending = this.#ending.get(id);
    if (ending !== undefined) {
      // Two mirrors never write the same file.
      void ending.done.finally(() => {
        if (!this.#isClosed) this.begin(container);
      });
      return;
    }
    const paths = pathsOf(this.#deps.instance, id);
    const mirror = new JsonMirror(paths.log, paths.jsonLog, (error) => this.#report(id, error));
    this.#open.set(id, mirror);
    if (!isRunning(record.state)) this.finish(container);
  }

  /** Writes what is left, in the background: nobody waits for it. */
  finish(container: Container): void {
    const { id } = container;
    const mirror = this.#open.get(id);
    if (mirror === undefined) return;
    this.#open.delete(id);
    const isKept = container.record.state.status !== "removing";
    const done = (isKept ? mirror.finish() : mirror.stop())
      .catch((error: unknown) => this.#report(id, error))
      .finally(() => this.#ending.delete(id));
    this.#ending.set(id, { mirror, done });
  }

  /** Stops, and waits until nothing is written any more; for a container that is removed. */
  async drop({ id }: Container): Promise<void> {
    const mirrors = [this.#open.get(id), this.#ending.get(id)?.mirror];
    this.#open.delete(id);
    await Promise.all(mirrors.map((mirror) => mirror?.stop()));
  }

  #report(id: string, error: unknown): void {
    this.#deps.log.warn("writing a json-file log", { id, error });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const mirrors = [...this.#open.values(), ...[...this.#ending.values()].map(({ mirror }) => mirror)];
    await Promise.allSettled(mirrors.map((mirror) => mirror.stop()));
    this.#open.clear();
  }
}
