import { type IncomingHttpHeaders, type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { type AnswerStream, answerStreamOver } from "./answer-stream.ts";
import { readAll, readUpgradeBody } from "./request-body.ts";
import { detachFromHttp, type EarlyBytes } from "./take-over.ts";

export type { AnswerStream } from "./answer-stream.ts";

/** Names and values by turns, sent in this order: `["Content-Type", "text/plain"]`. */
export type HeaderList = readonly string[];

/**
 * One request and its answer. Exactly one of {@link answer}, {@link open} and {@link takeOver} ends it.
 */
export interface Exchange {
  readonly method: string;
  /** The request's target as sent: path and query, percent-encoded. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether the client asks by headers to use the connection for something else. */
  readonly isUpgrade: boolean;
  /** Whether the head of an answer was sent, or the connection was taken over. */
  readonly isAnswered: boolean;
  /** Aborts when the client goes away, or ends its side, before the answer is complete. */
  readonly signal: AbortSignal;
  /** The request's body, not yet read. */
  readonly body: Readable;
  /** Reads the body to its end. Errors: invalid when it breaks off or holds more than `limit` bytes. */
  readBody(limit: number): Promise<Buffer>;
  /** Sends a complete answer. A `Content-Length` is added when `body` is given, a `Date` always. */
  answer(status: number, headers: HeaderList, body?: string | Uint8Array): void;
  /** Sends the head at once and leaves the body open. */
  open(status: number, headers: HeaderList): AnswerStream;
  /**
   * Stops reading the connection as HTTP, for requests that will be taken over but not at once: what comes meanwhile is
   * kept. After it only {@link takeOver} may follow.
   */
  prepareTakeOver(): void;
  /**
   * Sends `head` as it is and gives the bare connection: what comes from the client, from the first byte behind the
   * request, and to it. Only for requests that the server's `mayTakeOver` accepted; the body must have been read.
   */
  takeOver(head: string): Duplex;
}

/** Why {@link Exchange.signal} aborted. */
function clientGone(): Error {
  return Object.assign(new Error("the client went away"), { name: "AbortError" });
}

let dateAt = 0;
let dateText = "";

function date(): string {
  const now = Date.now();
  if (now - dateAt >= 1000) {
    dateAt = now - (now % 1000);
    dateText = new Date(dateAt).toUTCString();
  }
  return dateText;
}

function sendHead(response: ServerResponse, status: number, headers: HeaderList, length: number | undefined): void {
  const all = [...headers, "Date", date()];
  if (length !== undefined) all.push("Content-Length", String(length));
  response.sendDate = false;
  // Keeping a connection is what HTTP/1.1 does anyway; the header would only cost.
  if (response.shouldKeepAlive && response.req.httpVersionMinor === 1) response.removeHeader("connection");
  response.writeHead(status, all);
}

/** What all exchanges share; the two kinds differ in how the body comes and the connection is taken. */
abstract class Base {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  isTakenOver = false;
  #controller: AbortController | undefined;

  constructor(request: IncomingMessage) {
    this.request = request;
    this.socket = request.socket;
  }

  abstract readonly response: ServerResponse;

  get method(): string {
    return this.request.method ?? "GET";
  }

  get target(): string {
    return this.request.url ?? "/";
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    const { response, socket } = this;
    const gone = (): void => controller.abort(clientGone());
    if (socket.destroyed || socket.readableEnded) {
      gone();
      return controller.signal;
    }
    socket.once("end", gone);
    socket.once("close", gone);
    response.once("finish", () => {
      socket.removeListener("end", gone);
      socket.removeListener("close", gone);
    });
    return controller.signal;
  }

  /** A client that ended its side sends no more requests: its connection ends with this answer. */
  #noteHalfClose(): void {
    if (this.socket.readableEnded) this.response.shouldKeepAlive = false;
  }

  answer(status: number, headers: HeaderList, body?: string | Uint8Array): void {
    this.#noteHalfClose();
    const length = body === undefined ? undefined : Buffer.byteLength(body);
    sendHead(this.response, status, headers, length);
    this.response.end(body);
  }

  open(status: number, headers: HeaderList): AnswerStream {
    this.#noteHalfClose();
    sendHead(this.response, status, headers, undefined);
    this.response.flushHeaders();
    return answerStreamOver(this.response);
  }
}

/** A request in the usual way, whose connection is taken over without the client having asked by headers. */
export class PlainExchange extends Base implements Exchange {
  readonly isUpgrade = false;
  readonly response: ServerResponse;
  readonly #early: EarlyBytes;
  #release: ((early: Buffer) => void) | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, early: EarlyBytes) {
    super(request);
    this.response = response;
    this.#early = early;
  }

  get isAnswered(): boolean {
    return this.isTakenOver || this.response.headersSent;
  }

  get body(): Readable {
    return this.request;
  }

  readBody(limit: number): Promise<Buffer> {
    return readAll(this.request, limit);
  }

  prepareTakeOver(): void {
    this.#release ??= detachFromHttp(this.socket, this.response);
  }

  takeOver(head: string): Duplex {
    this.isTakenOver = true;
    const { socket } = this;
    this.prepareTakeOver();
    this.#release?.(this.#early.take(socket));
    socket.write(head);
    return socket;
  }
}

/** A request with upgrade headers: Node has let go of the connection already. */
export class UpgradeExchange extends Base implements Exchange {
  readonly isUpgrade = true;
  readonly #head: Buffer;
  #isBodyRead = false;
  #response: ServerResponse | undefined;

  constructor(request: IncomingMessage, head: Buffer) {
    super(request);
    this.#head = head;
    this.socket.on("error", () => {});
  }

  /** Made when first needed: an upgrade that succeeds needs none. */
  get response(): ServerResponse {
    if (this.#response === undefined) {
      const response = new ServerResponse(this.request);
      // Node cannot give the connection back to its parser: it ends with this answer.
      response.shouldKeepAlive = false;
      response.assignSocket(this.socket);
      response.once("finish", () => this.socket.destroySoon());
      this.#response = response;
    }
    return this.#response;
  }

  get isAnswered(): boolean {
    return this.isTakenOver || this.#response?.headersSent === true;
  }

  get body(): Readable {
    throw new Error("the body of an upgrade can only be read as a whole");
  }

  readBody(limit: number): Promise<Buffer> {
    this.#isBodyRead = true;
    return readUpgradeBody(this.socket, this.#head, this.request.headers, limit);
  }

  prepareTakeOver(): void {}

  takeOver(head: string): Duplex {
    this.isTakenOver = true;
    if (!this.#isBodyRead && this.#head.length > 0) this.socket.unshift(this.#head);
    this.socket.write(head);
    return this.socket;
  }
}
