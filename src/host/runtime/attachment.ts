/** Connections to conmon's attach socket, one packet a message, carried by Node's own event loop. */
import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { conflict, hasCode } from "../../base/errors.ts";
import { optionsOfDescriptor } from "../descriptor-socket.ts";
import { closeFd, connect, socket } from "../libc.ts";
import type { Attachment } from "./runtime.ts";

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** Bytes of a packet that conmon reads at once, less the one it keeps; what exceeds it is lost. */
const largestPacket = 8 * 1024;

type Done = (error?: Error | null) => void;

/** A socket whose every write becomes packets that conmon takes whole. */
class PacketSocket extends Socket {
  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    const data = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
    const next = (offset: number): void => {
      if (offset >= data.length) {
        done();
        return;
      }
      const end = Math.min(offset + largestPacket, data.length);
      super._write(data.subarray(offset, end), "buffer" as BufferEncoding, (error) =>
        error ? done(error) : next(end),
      );
    };
    next(0);
  }
}

// Without a method for many writes at once, none are joined into one oversized packet.
Object.defineProperty(PacketSocket.prototype, "_writev", { value: null });

function addressOf(path: string): Buffer {
  const address = Buffer.alloc(2 + Buffer.byteLength(path) + 1);
  address.writeUInt16LE(AF_UNIX, 0);
  address.write(path, 2);
  return address;
}

/** Connects to the attach socket in a folder. Errors: conflict when no conmon serves it. */
export async function openAttachment(folder: string): Promise<Attachment> {
  const path = join(folder, "attach");
  let fd = -1;
  let folderFd = -1;
  try {
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    // A socket's address has room for 107 bytes.
    if (Buffer.byteLength(path) > 107) folderFd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    const address = addressOf(folderFd === -1 ? path : `/proc/self/fd/${folderFd}/attach`);
    for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
      try {
        connect(fd, address);
        break;
      } catch (error) {
        // As many wait as conmon's queue holds.
        if (!hasCode(error, "EAGAIN")) throw error;
        await sleep(pause);
      }
    }
    const attached = new PacketSocket(optionsOfDescriptor(fd));
    fd = -1;
    // conmon ends without reading what is still on its way: for the reader that is an end like any other.
    attached.on("error", () => {});
    return { socket: attached };
  } catch (error) {
    if (hasCode(error, "ENOENT", "ECONNREFUSED")) throw conflict("the container is not running", { cause: error });
    throw error;
  } finally {
    if (fd !== -1) closeFd(fd);
    if (folderFd !== -1) closeSync(folderFd);
  }
}
