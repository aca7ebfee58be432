/**
 * One HTTP/1.1 connection to a daemon. Own, because loading Node's HTTP client costs a command more time than its
 * request does, and because hijacked connections need the socket and its half-close anyway.
 */
import { connect, type Socket } from "node:net";
import { ByteReader } from "./bytes.ts";
import type { Endpoint } from "./endpoint.ts";

/** What is asked of a daemon. `path` is complete, with version and query. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes are sent with their length, anything else as it comes, in chunks. */
  readonly body?: string | Buffer | AsyncIterable<Buffer>;
}

/** The head of a response; header names are in lower case. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

const maxHeadBytes = 256 * 1024;

/** A connection that carries one request at a time. */
export class Connection {
  readonly socket: Socket;
  readonly reader: ByteReader;
  readonly #host: string;
  /** Whether another request may follow once the body of the present one has been read. */
  isReusable = true;
  /** Whether a request has gone over it already. */
  wasUsed = false;
  #upload: Promise<void> | undefined;

  constructor(socket: Socket, host: string) {
    this.socket = socket;
    this.reader = new ByteReader(socket);
    this.#host = host;
  }

  /** Sends a request and reads the head of its response. */
  async exchange(request: WireRequest): Promise<ResponseHead> {
    await this.#send(request);
    return this.#readHead();
  }

  async #send(request: WireRequest): Promise<void> {
    const { body } = request;
    let head = `${request.method} ${request.path} HTTP/1.1\r\nHost: ${this.#host}\r\n`;
    for (const [name, value] of Object.entries(request.headers ?? {})) head += `${name}: ${value}\r\n`;
    if (body === undefined) {
      if (request.method === "POST" || request.method === "PUT") head += "Content-Length: 0\r\n";
      this.socket.write(`${head}\r\n`);
    } else if (typeof body === "string" || Buffer.isBuffer(body)) {
      head += `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
      this.socket.write(typeof body === "string" ? head + body : Buffer.concat([Buffer.from(head), body]));
    } else {
      this.socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      this.#upload = this.#sendChunks(body);
      // An early answer (an error, mostly) overtakes the upload; a failing source must be told at once.
      await Promise.race([this.#upload, this.#untilReady()]);
    }
  }

  async #sendChunks(body: AsyncIterable<Buffer>): Promise<void> {
    let isDone = false;
    try {
      for await (const piece of body) {
        if (this.reader.isReady || this.socket.destroyed) {
          this.isReusable = false;
          return;
        }
        if (piece.length === 0) continue;
        this.socket.write(`${piece.length.toString(16)}\r\n`);
        this.socket.write(piece);
        if (!this.socket.write("\r\n")) await drained(this.socket);
      }
      this.socket.write("0\r\n\r\n");
      isDone = true;
    } finally {
      if (!isDone) this.isReusable = false;
    }
  }

  async #untilReady(): Promise<void> {
    const piece = await this.reader.read();
    if (piece !== null) this.reader.unread(piece);
  }

  async #readHead(): Promise<ResponseHead> {
    for (;;) {
      const head = parseHead(await this.#readHeadText());
      if (head.status >= 200 || head.status === 101) {
        if (head.headers.get("connection")?.toLowerCase() === "close") this.isReusable = false;
        return head;
      }
    }
  }

  async #readHeadText(): Promise<string> {
    let held: Buffer = Buffer.alloc(0);
    for (;;) {
      const piece = await this.reader.read();
      if (piece === null) throw new ConnectionEnded(held.length > 0);
      held = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const end = held.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.reader.unread(held.subarray(end + 4));
        return held.toString("latin1", 0, end);
      }
      if (held.length > maxHeadBytes) throw new Error("the daemon's response header is too large");
    }
  }

  /** The pieces of the body that follows `head`, as they come. */
  async *body(method: string, head: ResponseHead): AsyncGenerator<Buffer, void, undefined> {
    let isComplete = false;
    try {
      if (method === "HEAD" || head.status === 204 || head.status === 304) {
        // Such responses have no body, whatever their headers say.
      } else if (head.headers.get("transfer-encoding")?.toLowerCase() === "chunked") {
        yield* this.#readChunked();
      } else if (head.headers.has("content-length")) {
        yield* this.#readExactly(Number(head.headers.get("content-length")));
      } else {
        this.isReusable = false;
        for (let piece = await this.reader.read(); piece !== null; piece = await this.reader.read()) yield piece;
      }
      isComplete = true;
    } finally {
      if (!isComplete) this.isReusable = false;
    }
  }

  async *#readExactly(length: number): AsyncGenerator<Buffer, void, undefined> {
    let left = length;
    while (left > 0) {
      const piece = await this.reader.read();
      if (piece === null) throw new ConnectionEnded(true);
      if (piece.length > left) this.reader.unread(piece.subarray(left));
      const part = piece.length > left ? piece.subarray(0, left) : piece;
      left -= part.length;
      yield part;
    }
  }

  async *#readChunked(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const size = Number.parseInt(await this.#readLine(), 16);
      if (Number.isNaN(size)) throw new Error("the daemon sent a malformed chunk");
      if (size > 0) yield* this.#readExactly(size);
      else while ((await this.#readLine()) !== "");
      if (size === 0) return;
      await this.#readLine();
    }
  }

  async #readLine(): Promise<string> {
    let held: Buffer = Buffer.alloc(0);
    for (;;) {
      const piece = await this.reader.read();
      if (piece === null) throw new ConnectionEnded(true);
      held = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const end = held.indexOf("\n");
      if (end >= 0) {
        this.reader.unread(held.subarray(end + 1));
        return held.toString("latin1", 0, end).trimEnd();
      }
      if (held.length > maxHeadBytes) throw new Error("the daemon sent a malformed chunk");
    }
  }

  /** Ends the connection at once. */
  close(): void {
    this.socket.destroy();
  }
}

/** The daemon closed the connection where a response was due; `isPartial` when it had begun to answer. */
export class ConnectionEnded extends Error {
  override readonly name = "ConnectionEnded";
  readonly isPartial: boolean;

  constructor(isPartial: boolean) {
    super(isPartial ? "unexpected EOF" : "EOF");
    this.isPartial = isPartial;
  }
}

function parseHead(text: string): ResponseHead {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`malformed HTTP response ${JSON.stringify(first.slice(0, 80))}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status, headers };
}

/** Resolves when the socket takes more, or is gone. */
export function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}

/** Connects to an endpoint. The connection keeps reading after its own side was ended. */
export function openConnection(endpoint: Endpoint): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket =
      endpoint.kind === "unix"
        ? connect({ path: endpoint.path, allowHalfOpen: true })
        : connect({ host: endpoint.host, port: endpoint.port, allowHalfOpen: true, noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(new Connection(socket, endpoint.kind === "unix" ? "api.moby.localhost" : endpoint.authority));
    });
  });
}
