import { STATUS_CODES } from "node:http";
import type { Readable } from "node:stream";
import type { AnswerStream } from "../../http/index.ts";
import { apiVersion, dockerVersion } from "../../wire/docker/api-version.ts";
import type { DockerRequest } from "./request.ts";

const server = `Docker/${dockerVersion} (linux)`;

/** The headers of every answer of an operation. */
export const commonHeaders: readonly string[] = [
  "Api-Version",
  apiVersion,
  "Docker-Experimental",
  "false",
  "Ostype",
  "linux",
  "Server",
  server,
];

/** {@link commonHeaders} with a content type. */
export function headersFor(contentType: string): string[] {
  return ["Api-Version", apiVersion, "Content-Type", contentType, ...commonHeaders.slice(2)];
}

const jsonHeaders: readonly string[] = headersFor("application/json");

function printable(_key: string, value: unknown): unknown {
  // rawJSON is newer than the language version that TypeScript knows.
  if (typeof value === "bigint") return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value));
  return value;
}

function escapeLineSeparators(json: string): string {
  return json.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** A document as Docker prints it: one line that ends in a newline. */
export function encodeDocument(value: unknown): string {
  return `${escapeLineSeparators(JSON.stringify(value))}\n`;
}

/**
 * One object of a stream as Docker prints it, without a line end: `<`, `>` and `&` are escaped, and a bigint is a
 * number with all its digits.
 */
export function encodeItem(value: unknown): string {
  const json = escapeLineSeparators(JSON.stringify(value, printable));
  return /[<>&]/.test(json)
    ? json.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026")
    : json;
}

/** Answers with a document. */
export function answerJson(request: DockerRequest, status: number, value: unknown): void {
  request.exchange.answer(status, jsonHeaders, encodeDocument(value));
}

/** Answers without a body. */
export function answerEmpty(request: DockerRequest, status: number): void {
  const hasNoLength = status === 204 || status === 304;
  if (hasNoLength) request.exchange.answer(status, commonHeaders);
  else request.exchange.answer(status, commonHeaders, "");
}

/** Answers with an error: Docker's document, and nothing but the status for 304. */
export function answerError(request: DockerRequest, status: number, message: string): void {
  if (status === 304) answerEmpty(request, status);
  else answerJson(request, status, { message });
}

/** Sends the head of a streaming answer at once. */
export function openStream(request: DockerRequest, contentType: string): AnswerStream {
  return request.exchange.open(200, contentType === "application/json" ? jsonHeaders : headersFor(contentType));
}

/**
 * Sends an archive behind a head that is sent already, until its end or until the client goes: only a broken connection
 * tells the client that it is not whole. Errors: those of the archive.
 */
export async function sendArchive(request: DockerRequest, stream: AnswerStream, archive: Readable): Promise<void> {
  const { signal } = request.exchange;
  try {
    for await (const piece of archive as AsyncIterable<Buffer>) {
      await stream.write(piece);
      if (signal.aborted) break;
    }
    stream.end();
  } catch (error) {
    stream.abort();
    throw error;
  }
}

/** `HTTP/1.1 404 Not Found`, for answers written by hand on a connection that was taken over. */
export function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`;
}
