import type { IncomingHttpHeaders } from "node:http";
import { invalid } from "../../base/errors.ts";
import type { Exchange } from "../../http/index.ts";
import { fitShape, JsonTypeError, type Shape } from "./json-shape.ts";
import { endOfJsonValue, JsonSyntaxError } from "./json-syntax.ts";

/** How large a JSON body may be: far above any container's description, far below what would hurt. */
const maxJsonBytes = 8 * 1024 * 1024;

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+/i;
const parameter = /^\s*;\s*([!#$%&'*+\-.^_`|~0-9a-z]+)\s*=\s*(?:[!#$%&'*+\-.^_`|~0-9a-z]+|"(?:[^"\\]|\\.)*")/i;

function problemOfMediaType(type: string): string | undefined {
  const first = token.exec(type)?.[0] ?? "";
  if (first === "") return "no media type";
  if (first.length === type.length) return undefined;
  if (type[first.length] !== "/") return "expected slash after first token";
  const second = token.exec(type.slice(first.length + 1))?.[0] ?? "";
  if (second === "") return "expected token after slash";
  return first.length + 1 + second.length < type.length ? "unexpected content after media subtype" : undefined;
}

function problemOfParameters(text: string): string | undefined {
  const seen = new Set<string>();
  let rest = text;
  while (!/^[\s;]*$/.test(rest)) {
    const found = parameter.exec(rest);
    if (found === null) return "invalid media parameter";
    const name = (found[1] ?? "").toLowerCase();
    if (seen.has(name)) return "duplicate parameter name";
    seen.add(name);
    rest = rest.slice(found[0].length);
  }
  return undefined;
}

function checkContentType(headers: IncomingHttpHeaders): void {
  const header = headers["content-type"] ?? "";
  const semicolon = header.indexOf(";");
  const type = (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase();
  const problem =
    problemOfMediaType(type) ?? (semicolon === -1 ? undefined : problemOfParameters(header.slice(semicolon)));
  if (problem !== undefined) throw invalid(`malformed Content-Type header (${header}): mime: ${problem}`);
  if (type !== "application/json") {
    throw invalid(`unsupported Content-Type header (${type}): must be 'application/json'`);
  }
}

/** The first JSON value of a text, and what stands behind it. */
function parseFirst(text: string): { value: unknown; rest: string } {
  try {
    return { value: JSON.parse(text), rest: "" };
  } catch {
    const end = endOfJsonValue(text);
    return { value: JSON.parse(text.slice(0, end)), rest: text.slice(end).trimStart() };
  }
}

/** Reads a text as JSON of a shape. Errors: invalid with Docker's texts. */
export function parseJson(text: string, shape: Shape, root: string): unknown {
  if (/^[ \t\r\n]*$/.test(text)) throw invalid("invalid JSON: got EOF while reading request body");
  try {
    const { value, rest } = parseFirst(text);
    const fitted = fitShape(shape, value, root);
    // A closing bracket too many is let through, as Docker does.
    if (rest !== "" && !/^[}\]]/.test(rest)) throw invalid("unexpected content after JSON");
    return fitted;
  } catch (error) {
    if (error instanceof JsonSyntaxError || error instanceof JsonTypeError) {
      throw invalid(`invalid JSON: ${error.message}`);
    }
    throw error;
  }
}

/**
 * Reads the request's body as JSON of a shape; undefined when there is none. `root` is how errors name the whole.
 * Errors: invalid with Docker's texts.
 */
export async function readJson(exchange: Exchange, shape: Shape, root: string): Promise<unknown> {
  const { headers } = exchange;
  const isEmpty = headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
  if (!isEmpty || headers["content-type"] !== undefined) checkContentType(headers);
  const body = await exchange.readBody(maxJsonBytes);
  return isEmpty ? undefined : parseJson(body.toString(), shape, root);
}
