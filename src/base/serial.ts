/** Runs tasks of the same key one after another, in the order of the calls; tasks of different keys run at once. */
export class Serial {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Gives what `task` gives, once all earlier tasks of `key` have ended, well or not. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const mine = before === undefined ? task() : before.then(task, task);
    this.#tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    }
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.allSettled(this.#tails.values());
  }
}
