import { existsSync, type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/**
 * Waits for changes of one file by inotify, also while it does not exist. Ask {@link reset} before reading and
 * {@link next} after: a change in between is not missed.
 */
export class FileChanges implements Disposable {
  readonly #path: string | undefined;
  #watchers: FSWatcher[] = [];
  #change = Promise.withResolvers<void>();
  /** Whether the name may stand for another file than before. */
  wasRenamed = false;

  constructor(path: string | undefined) {
    this.#path = path;
    this.watchAgain();
  }

  /** Watches the file that now bears the name. */
  watchAgain(): void {
    this[Symbol.dispose]();
    this.wasRenamed = false;
    if (this.#path === undefined) return;
    const name = basename(this.#path);
    const target = existsSync(this.#path) ? this.#path : dirname(this.#path);
    const watcher = watch(target, { persistent: false }, (event, changed) => {
      if (target !== this.#path && changed !== name) return;
      if (event === "rename") this.wasRenamed = true;
      this.#change.resolve();
    });
    watcher.on("error", () => this.#change.resolve());
    this.#watchers.push(watcher);
    // The file may have changed before the watch began.
    this.#change.resolve();
  }

  reset(): void {
    this.#change = Promise.withResolvers();
  }

  /** Resolves at the first change since {@link reset}. */
  next(): Promise<void> {
    return this.#change.promise;
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}
