/**
 * Room on the disk that is given up when the disk is full, so that what has happened anyway (an exit, a removal that
 * frees room) can still be written down. It is taken again when there is room.
 */
import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { hasCode } from "../../base/errors.ts";

/** Bytes: some hundred records and their pages in the write-ahead log. */
const size = 1024 * 1024;

/** A file of {@link size} bytes beside the database. */
export interface Reserve {
  /** Takes the room if it is not taken and there is room. */
  take(): void;
  /** Gives the room up; false when there was none. */
  give(): boolean;
}

/** Opens the reserve at `path`; nothing is taken yet. */
export function openReserve(path: string): Reserve {
  return {
    take: () => {
      if (existsSync(path)) return;
      const fd = openSync(path, "w", 0o600);
      try {
        writeSync(fd, Buffer.alloc(size));
        closeSync(fd);
      } catch (error) {
        closeSync(fd);
        rmSync(path, { force: true });
        if (!hasCode(error, "ENOSPC", "EDQUOT")) throw error;
      }
    },
    give: () => {
      if (!existsSync(path)) return false;
      rmSync(path, { force: true });
      return true;
    },
  };
}
