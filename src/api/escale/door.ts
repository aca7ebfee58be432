/**
 * Escale's own operations, under `/escale/v1/` on the same socket as Docker's API.
 *
 *     POST /escale/v1/images/bootstrap   {"name": "debian:12"} → progress, one JSON object a line
 */
import { type ErrorKind, EscaleError, invalid, isKind, messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Images } from "../../engine/images/index.ts";
import type { Exchange } from "../../http/index.ts";
import type { ProgressMessage } from "../../wire/docker/images.ts";

/** What the door opens to. */
export interface EscaleDoorDeps {
  readonly images: Pick<Images, "bootstrap">;
  readonly log: Logger;
}

const prefix = "/escale/v1/";
const largestBody = 1024 * 1024;
const jsonType: readonly string[] = ["Content-Type", "application/json"];

const statusOf: Readonly<Partial<Record<ErrorKind, number>>> = {
  invalid: 400,
  "not-found": 404,
  conflict: 409,
  unsupported: 501,
  unavailable: 503,
};

function answerError(exchange: Exchange, error: unknown): void {
  const status = (error instanceof EscaleError ? statusOf[error.kind] : undefined) ?? 500;
  const hint = error instanceof EscaleError && error.hint !== undefined ? { hint: error.hint } : {};
  exchange.answer(status, jsonType, `${JSON.stringify({ message: messageOf(error), ...hint })}\n`);
}

async function readObject(exchange: Exchange): Promise<Readonly<Record<string, unknown>>> {
  const text = (await exchange.readBody(largestBody)).toString();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw invalid(`the body is not JSON: ${messageOf(error)}`, { cause: error });
  }
  throw invalid("the body is not a JSON object");
}

async function bootstrap(deps: EscaleDoorDeps, exchange: Exchange): Promise<void> {
  const { name } = await readObject(exchange);
  if (typeof name !== "string") throw invalid('name is missing: write for example {"name": "debian:12"}');
  const messages = deps.images.bootstrap(name, { signal: exchange.signal })[Symbol.asyncIterator]();
  // What is wrong with the request shows before the first progress, and so has a status of its own.
  const first = await messages.next();
  const stream = exchange.open(200, jsonType);
  const write = (message: ProgressMessage): Promise<void> | void => stream.write(`${JSON.stringify(message)}\r\n`);
  try {
    for (let step = first; step.done !== true; step = await messages.next()) await write(step.value);
  } catch (error) {
    if (!isKind(error, "cancelled")) deps.log.warn("making a base image", { name, error });
    await write({ error: messageOf(error), errorDetail: { message: messageOf(error) } });
  }
  stream.end();
}

/** Answers a request for Escale's own operations; false when it is for somebody else. */
export function escaleDoor(deps: EscaleDoorDeps): (exchange: Exchange) => boolean {
  const operations: Readonly<Record<string, (exchange: Exchange) => Promise<void>>> = {
    "POST images/bootstrap": (exchange) => bootstrap(deps, exchange),
  };
  return (exchange) => {
    if (!exchange.target.startsWith(prefix)) return false;
    const path = (exchange.target.slice(prefix.length).split("?")[0] ?? "").replace(/\/+$/, "");
    const operation = operations[`${exchange.method} ${path}`];
    if (operation === undefined) {
      exchange.answer(
        404,
        jsonType,
        `${JSON.stringify({ message: `no such operation: ${exchange.method} ${prefix}${path}` })}\n`,
      );
      return true;
    }
    operation(exchange).catch((error: unknown) => {
      if (!(error instanceof EscaleError)) deps.log.error("a bug made an operation fail", { error });
      if (!exchange.isAnswered) answerError(exchange, error);
    });
    return true;
  };
}
