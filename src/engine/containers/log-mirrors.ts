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

  constructor(deps: Pick<ContainersDeps, "instance" | "log">) {
    this.#deps = deps;
  }

  /** Begins to mirror a container's log, where its driver is json-file; one that does not run is brought up to date. */
  begin(container: Container): void {
    const { id, record } = container;
    if (record.hostConfig.LogConfig.Type !== "json-file" || this.#open.has(id)) return;
    const paths = pathsOf(this.#deps.instance, id);
    const mirror = new JsonMirror(paths.log, paths.jsonLog, (error) => {
      this.#deps.log.warn("writing a json-file log", { id, path: paths.jsonLog, error });
    });
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
    void (isKept ? mirror.finish() : mirror.stop()).catch((error: unknown) => {
      this.#deps.log.warn("finishing a json-file log", { id, error });
    });
  }

  /** Stops; for a container that is removed. */
  async drop(container: Container): Promise<void> {
    const mirror = this.#open.get(container.id);
    this.#open.delete(container.id);
    await mirror?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((mirror) => mirror.stop()));
    this.#open.clear();
  }
}
