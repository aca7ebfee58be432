import { unavailable, unsupported } from "../../base/errors.ts";
import { type OperationId, operations } from "../../wire/docker/operations.ts";
import type { Handler } from "./request.ts";

const noSwarm =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** Operations that only a swarm's manager answers; the others of a swarm make or join one, or read logs. */
const swarmPaths = /^\/(swarm|nodes|services|tasks|secrets|configs)(\/|$)/;
const notForManagers: ReadonlySet<OperationId> = new Set(["SwarmInit", "SwarmJoin"]);

/** Answers that the operation is not built, naming it. */
export function notBuilt(operationId: OperationId): Handler {
  return () => {
    throw unsupported(`${operationId} is not implemented by Escale yet`);
  };
}

/** What a daemon that is in no swarm says to an operation; undefined for operations that have nothing to do with one. */
export function outsideSwarm(operationId: OperationId): Handler | undefined {
  const path = operations.find((operation) => operation.operationId === operationId)?.path ?? "";
  if (!swarmPaths.test(path) || notForManagers.has(operationId)) return undefined;
  const message = operationId === "SwarmLeave" ? "This node is not part of a swarm" : noSwarm;
  return () => {
    throw unavailable(message);
  };
}
