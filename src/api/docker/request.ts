import type { Exchange } from "../../http/index.ts";
import type { OperationId } from "../../wire/docker/operations.ts";
import type { Query } from "./query.ts";

/** A request for an operation, with what its path and its version say. */
export interface DockerRequest {
  readonly exchange: Exchange;
  /** The API version that the client speaks, such as `1.51`. */
  readonly version: string;
  /** The variable parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  /** Errors on first use: invalid when the query is not well encoded. */
  readonly query: Query;
}

/** Answers one operation; what it throws becomes the answer. */
export type Handler = (request: DockerRequest) => Promise<void> | void;

/** Who answers which operation. */
export type Handlers = Partial<Record<OperationId, Handler>>;

/** A variable part of the path that the operation's template has. */
export function param(request: DockerRequest, name: string): string {
  return request.params[name] ?? "";
}
