/** What can be asked of a command run in a container, once it was created. */
import type { ExecInspect, ExecStartRequest } from "../wire/docker/containers.ts";
import type { Client } from "./client.ts";
import type { Connection } from "./connection.ts";

/** `POST /exec/{id}/start` without streams. */
export async function startExec(client: Client, id: string, body: ExecStartRequest): Promise<void> {
  await client.text("POST", `/exec/${id}/start`, { json: body });
}

/** `POST /exec/{id}/start` with its streams on the connection. */
export function attachExec(client: Client, id: string, body: ExecStartRequest): Promise<Connection> {
  return client.upgrade(`/exec/${id}/start`, { json: body });
}

/** `GET /exec/{id}/json`. */
export function inspectExec(client: Client, id: string): Promise<ExecInspect> {
  return client.json("GET", `/exec/${id}/json`);
}

/** `POST /exec/{id}/resize`. */
export async function resizeExec(client: Client, id: string, height: number, width: number): Promise<void> {
  await client.text("POST", `/exec/${id}/resize`, { query: { h: height, w: width } });
}
