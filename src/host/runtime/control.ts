/** Orders to a running conmon through its control FIFO. */
import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { conflict, deadline, hasCode } from "../../base/errors.ts";

async function order(folder: string, line: string): Promise<void> {
  try {
    const file = await open(join(folder, "ctl"), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      await file.write(line);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, "ENXIO", "ENOENT", "EPIPE")) throw conflict("the container is not running", { cause: error });
    throw error;
  }
}

/** Sets the size of the terminal that the conmon in `folder` holds. Errors: conflict when it is gone. */
export function resizeTerminal(folder: string, size: { width: number; height: number }): Promise<void> {
  return order(folder, `1 ${size.height} ${size.width}\n`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

/**
 * Makes conmon write to a new file at `logPath`, from which the old one was moved away, and returns once it does. Does
 * nothing when a file is there: reopening an existing log would lose lines.
 */
export async function reopenLog(folder: string, logPath: string): Promise<void> {
  if (await exists(logPath)) return;
  await order(folder, "2 0 0\n");
  const end = Date.now() + 5000;
  for (let pause = 1; !(await exists(logPath)); pause = Math.min(pause * 2, 50)) {
    if (Date.now() > end) throw deadline(`conmon did not reopen ${logPath}`);
    await sleep(pause);
  }
}
