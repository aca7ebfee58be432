import { lstat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { conflict, hasCode, internal, invalid } from "../base/errors.ts";

/** Where to listen: a unix socket, or a host and port of TCP (port 0 for any free one). */
export type ListenAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Reads `unix:///path` or `tcp://host:port` (IPv6 in brackets). Errors: invalid. */
export function parseListenAddress(address: string): ListenAddress {
  if (address.startsWith("unix://")) {
    const path = address.slice("unix://".length);
    if (!path.startsWith("/")) throw invalid(`address ${address}: the path of a unix socket must be absolute`);
    return { kind: "unix", path };
  }
  const tcp = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^:[\]/]*):(\d{1,5})$/.exec(address);
  const port = Number(tcp?.[2]);
  if (tcp === null || port > 65535) throw invalid(`address ${address}: expected unix:///PATH or tcp://HOST:PORT`);
  return { kind: "tcp", host: (tcp[1] ?? "").replace(/^\[|\]$/g, "") || "0.0.0.0", port };
}

function somebodyAnswers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error) => {
      if (hasCode(error, "ECONNREFUSED", "ENOENT")) resolve(false);
      else reject(internal(`socket ${path}: ${error.message}`, { cause: error }));
    });
  });
}

async function clearStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw conflict(`${path} exists and is not a socket`);
  if (await somebodyAnswers(path)) throw conflict(`${path} is in use by another process`);
  await unlink(path);
}

/**
 * Makes `server` listen and gives the address as it really is, in the form that {@link parseListenAddress} reads. A
 * unix socket gets mode 0660; a stale file in its place is replaced only if nobody answers there.
 * Errors: conflict when the address is taken, internal.
 */
export async function listen(server: Server, address: ListenAddress): Promise<string> {
  if (address.kind === "unix") await clearStaleSocket(address.path);
  const where = address.kind === "unix" ? address.path : `${address.host}:${address.port}`;
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => {
      const text = `listen on ${where}: ${error.message}`;
      reject(hasCode(error, "EADDRINUSE") ? conflict(text, { cause: error }) : internal(text, { cause: error }));
    };
    server.once("error", failed);
    const ready = (): void => {
      server.removeListener("error", failed);
      resolve();
    };
    if (address.kind === "tcp") {
      server.listen({ host: address.host, port: address.port }, ready);
      return;
    }
    // The file is made inside this call: with a mask there is no moment at which others could open it.
    const mask = process.umask(0o117);
    try {
      server.listen(address.path, ready);
    } finally {
      process.umask(mask);
    }
  });
  if (address.kind === "unix") return `unix://${address.path}`;
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw internal(`listen on ${where}: no address`);
  return `tcp://${bound.family === "IPv6" ? `[${bound.address}]` : bound.address}:${bound.port}`;
}
