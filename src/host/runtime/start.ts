import { closeSync, constants, openSync, unlinkSync, writeSync } from "node:fs";
import { conflict, hasCode, internal } from "../../base/errors.ts";
import { runCrun } from "./crun.ts";
import type { RuntimeParts } from "./parts.ts";

/**
 * Lets the program of a created container run: one byte into the FIFO at which crun's init waits. The FIFO's absence is
 * how crun knows that a container was started. Without a FIFO `crun start` is asked, which also tells what is wrong.
 * Errors: conflict when the init process is dead.
 */
export async function startContainer(parts: RuntimeParts, id: string, _bundle: string): Promise<void> {
  const fifo = parts.paths.fifo(id);
  let fd: number;
  try {
    fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, "ENXIO")) throw conflict(`the init process of container ${id} has ended`, { cause: error });
    if (!hasCode(error, "ENOENT")) throw error;
    const { code, message } = await runCrun(parts, ["start", id]);
    if (code !== 0) throw internal(`cannot start container ${id}: ${message}`);
    return;
  }
  try {
    writeSync(fd, "0");
    unlinkSync(fifo);
  } finally {
    closeSync(fd);
  }
}
