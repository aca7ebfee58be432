import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const ignore = (): void => {};

/** How many pieces (of at most 64 KiB) are read before the new owner of a connection reads itself. */
const maxPieces = 16;

/** Whether the request asks for its connection to be used for something else, and says so in its headers. */
export function isUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade !== undefined && /\bupgrade\b/i.test(request.headers.connection ?? "");
}

/** An error of Node's parser, with the packet that it choked on. */
export type ParserError = Error & { code?: string; rawPacket?: Buffer; bytesParsed?: number };

/** Where the request in a packet ends. The parser's own count may lie behind that: bytes can look like a method at first. */
function endOfRequest(packet: Buffer, bytesParsed: number): number {
  const endOfHead = packet.indexOf("\r\n\r\n");
  if (endOfHead === -1) return bytesParsed;
  const length = /\r\ncontent-length: *(\d+)/i.exec(packet.toString("latin1", 0, endOfHead));
  return endOfHead + 4 + Number(length?.[1] ?? 0);
}

/**
 * Bytes that a client without upgrade headers sent right behind its request. The parser of HTTP takes them for a
 * broken next request and reports them; they are kept here by connection until it is taken over.
 */
export class EarlyBytes {
  readonly #kept = new WeakMap<Socket, Buffer[]>();
  readonly #awaiting = new WeakSet<Socket>();

  /** From now on what the parser rejects on this connection is kept. */
  await(socket: Socket): void {
    this.#awaiting.add(socket);
  }

  /** Takes a parser error; true when its bytes are kept and the error is to be forgotten. */
  keep(socket: Socket, error: ParserError): boolean {
    const { rawPacket } = error;
    if (!this.#awaiting.has(socket) || rawPacket === undefined) return false;
    const kept = this.#kept.get(socket);
    if (kept === undefined)
      this.#kept.set(socket, [rawPacket.subarray(endOfRequest(rawPacket, error.bytesParsed ?? 0))]);
    else kept.push(rawPacket);
    return true;
  }

  /** The request was answered in the usual way: the connection speaks HTTP again. False when bytes were taken from it. */
  forget(socket: Socket): boolean {
    this.#awaiting.delete(socket);
    return !this.#kept.delete(socket);
  }

  take(socket: Socket): Buffer {
    this.#awaiting.delete(socket);
    const kept = this.#kept.get(socket) ?? [];
    this.#kept.delete(socket);
    return Buffer.concat(kept);
  }
}

/**
 * Frees a connection from the parser of HTTP, for a request without upgrade headers. Gives a function that ends the
 * interim: it puts back, behind `early`, what has come meanwhile; from then on the connection is the caller's.
 */
export function detachFromHttp(socket: Socket, response: ServerResponse): (early: Buffer) => void {
  for (const event of ["data", "end", "drain", "timeout"]) socket.removeAllListeners(event);
  socket.on("error", ignore);
  socket.setTimeout(0);
  response.detachSocket(socket);
  const came: Buffer[] = [];
  const collect = (data: Buffer): void => {
    came.push(data);
    if (came.length >= maxPieces) socket.pause();
  };
  // Node lets its parser read from the descriptor itself; a listener for data makes it give the descriptor back.
  socket.on("data", collect);
  return (early) => {
    socket.removeListener("data", collect);
    socket.pause();
    const all = Buffer.concat([early, ...came]);
    if (all.length > 0) socket.unshift(all);
  };
}
