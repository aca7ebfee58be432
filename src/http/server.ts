import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Exchange, PlainExchange, UpgradeExchange } from "./exchange.ts";
import { type ListenAddress, listen } from "./listen.ts";
import { EarlyBytes, isUpgrade, type ParserError } from "./take-over.ts";

/** How a server answers. */
export interface HttpServerOptions {
  /** Answers one request. Called for one request at a time on each connection, in their order. Must not reject. */
  handle(exchange: Exchange): Promise<void> | void;
  /** Whether the connection of such a request may be taken over; other upgrade headers are ignored. */
  mayTakeOver(request: { readonly method: string; readonly target: string }): boolean;
}

/** A server that listens. Disposing stops listening, gives open requests `graceMs`, then breaks what is left. */
export interface HttpServer extends AsyncDisposable {
  /** The addresses as they really are: `unix:///path`, `tcp://127.0.0.1:4243`. */
  readonly addresses: readonly string[];
}

const maxHeaderBytes = 1024 * 1024;
const graceMs = 2000;

function describe(request: IncomingMessage): { method: string; target: string } {
  return { method: request.method ?? "GET", target: request.url ?? "/" };
}

/** Answers what is not HTTP, or too large a head, as plain text, and closes. */
function refuse(socket: Socket, status: string): void {
  if (socket.writable) {
    socket.write(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`);
  }
  socket.destroySoon();
}

/** One listening address: Node's server, what it serves, and the connections that were taken from it. */
function serve(options: HttpServerOptions, taken: Set<Socket>): Server {
  const early = new EarlyBytes();
  const turns = new WeakMap<Socket, Promise<void>>();

  const takeTurn = (socket: Socket, run: () => Promise<void>): void => {
    const before = turns.get(socket);
    turns.set(socket, before === undefined ? run() : before.then(run));
  };

  const answerInTurn = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    const exchange = new PlainExchange(request, response, early);
    if (options.mayTakeOver(describe(request))) {
      early.await(socket);
      response.once("finish", () => {
        if (!early.forget(socket)) socket.destroy();
      });
    }
    const closed = new Promise<void>((resolve) => {
      response.once("close", resolve);
    });
    const run = async (): Promise<void> => {
      if (taken.has(socket)) return;
      if (request.httpVersionMinor === 1 && request.headers.host === undefined) {
        response.shouldKeepAlive = false;
        refuse(socket, "400 Bad Request: missing required Host header");
        return;
      }
      await options.handle(exchange);
      if (exchange.isTakenOver) track(socket);
      else await closed;
    };
    takeTurn(socket, run);
  };

  const track = (socket: Socket): void => {
    if (socket.destroyed) return;
    taken.add(socket);
    socket.once("close", () => taken.delete(socket));
  };

  const server = createServer(
    {
      // Clients keep idle connections for long, and some bodies are large: nothing may time out but the head.
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 300_000,
      maxHeaderSize: maxHeaderBytes,
      requireHostHeader: false,
      shouldUpgradeCallback: (request) => options.mayTakeOver(describe(request)),
    },
    answerInTurn,
  );
  // A client that ends its side still gets its answer (nc, and Go's servers do so).
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const exchange = new UpgradeExchange(request, head);
    takeTurn(socket, async () => {
      track(socket);
      if (isUpgrade(request)) await options.handle(exchange);
      else refuse(socket, "400 Bad Request");
    });
  });
  server.on("clientError", (error: ParserError, socket: Socket) => {
    if (early.keep(socket, error)) return;
    if (error.code === "HPE_HEADER_OVERFLOW") refuse(socket, "431 Request Header Fields Too Large");
    else if (error.code === "HPE_INVALID_VERSION") {
      refuse(socket, "505 HTTP Version Not Supported: unsupported protocol version");
    } else if (error.code === "ECONNRESET" || error.code === "EPIPE") socket.destroy();
    else refuse(socket, "400 Bad Request");
  });
  return server;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    const patience = setTimeout(() => server.closeAllConnections(), graceMs);
    server.once("close", () => clearTimeout(patience));
  });
}

/** Listens on all addresses, or on none. Errors: conflict when one is taken, internal. */
export async function openHttpServer(
  addresses: readonly ListenAddress[],
  options: HttpServerOptions,
): Promise<HttpServer> {
  const servers: Server[] = [];
  const taken = new Set<Socket>();
  const dispose = async (): Promise<void> => {
    const closing = servers.map(close);
    for (const socket of taken) socket.destroy();
    await Promise.all(closing);
  };
  const bound: string[] = [];
  try {
    for (const address of addresses) {
      const server = serve(options, taken);
      bound.push(await listen(server, address));
      servers.push(server);
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { addresses: bound, [Symbol.asyncDispose]: dispose };
}
