/** Keeps a container's terminal as large as the person's. */
import type { Output } from "./streams.ts";

const attempts = 10;

/**
 * Sends the size of the terminal now and whenever it changes, until the returned function is called. The first time it
 * tries again for half a second: the process in the container may not be there yet.
 */
export function followSize(output: Output, send: (rows: number, columns: number) => Promise<void>): () => void {
  let isStopped = false;
  const resize = async (): Promise<boolean> => {
    const { rows, columns } = output.size();
    if (rows === 0 && columns === 0) return true;
    try {
      await send(rows, columns);
      return true;
    } catch {
      return false;
    }
  };
  const first = async (): Promise<void> => {
    for (let attempt = 1; attempt <= attempts && !isStopped; attempt++) {
      if (await resize()) return;
      await new Promise((resolve) => setTimeout(resolve, attempt * 10).unref());
    }
  };
  void first();
  const stop = output.onResize(() => void resize());
  return () => {
    isStopped = true;
    stop();
  };
}
