/** Progress as Docker's streams tell it. */
import type { ProgressMessage } from "../../wire/docker/images.ts";

const units = ["B", "kB", "MB", "GB", "TB", "PB"];
const barLength = 50;

/** A size for people, in powers of 1000 and four digits: `32.77kB`. */
function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${Number(value.toPrecision(4))}${units[unit]}`;
}

function bar(current: number, total: number): string {
  const done = Math.min(Math.floor(Math.floor((current / total) * 100) / 2), barLength);
  const numbers = `${humanSize(current).padStart(8)}/${humanSize(total)}`;
  return `[${"=".repeat(done)}>${" ".repeat(barLength - done)}] ${numbers}`;
}

/** How far an action on the thing `id` has come, with the bar that terminals show. */
export function progressMessage(status: string, id: string, current: number, total: number): ProgressMessage {
  return { status, id, progressDetail: { current, total }, ...(total > 0 && { progress: bar(current, total) }) };
}

/** The message that ends a stream which has failed. */
export function failureMessage(message: string): ProgressMessage {
  return { errorDetail: { message }, error: message };
}

const mostWaiting = 1000;

/** Messages on their way from work that goes on by itself to a reader who may be slow; then progress is left out. */
export class ProgressFeed implements AsyncIterable<ProgressMessage> {
  #waiting: ProgressMessage[] = [];
  #hasEnded = false;
  #wake: (() => void) | undefined;

  /** Hands a message over. */
  push(message: ProgressMessage): void {
    if (this.#waiting.length >= mostWaiting && message.progressDetail !== undefined) return;
    this.#waiting.push(message);
    this.#wake?.();
  }

  /** Nothing more comes. */
  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ProgressMessage, void, void> {
    for (;;) {
      const messages = this.#waiting;
      this.#waiting = [];
      yield* messages;
      if (this.#waiting.length > 0) continue;
      if (this.#hasEnded) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
