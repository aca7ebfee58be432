/** What a full disk means for those who want to write: first wait for what is being deleted anyway, then say it. */
import { hasCode, internal, messageOf } from "../../base/errors.ts";

function isDiskFull(error: unknown): boolean {
  return hasCode(error, "ENOSPC") || /no space left on device|disk is full/i.test(messageOf(error));
}

/**
 * Runs `task`; where the disk is full, once more after `settle`, which resolves when removals under way have freed
 * their room. Errors: internal `no space left on device`, and what the task throws.
 */
export async function withRoom<T>(task: () => Promise<T>, settle: () => Promise<void>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    await settle();
  }
  try {
    return await task();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw internal("no space left on device", {
      cause: error,
      hint: "remove containers or images, or make the disk larger",
    });
  }
}
