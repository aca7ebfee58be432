/** Plain HTTP to an engine's socket or to a published port. */
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** An answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the standard says is there
  json(): any;
}

/** One request of the Engine API at `host` (unix://…). `body` is sent as JSON unless it is text or bytes. */
export function engineApi(
  host: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const payload = body === undefined ? "" : isRaw ? body : JSON.stringify(body);
  const type = body === undefined ? {} : { "content-type": isRaw ? "application/x-tar" : "application/json" };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: host.replace(/^unix:\/\//, ""),
        method,
        path,
        headers: { host: "docker", "content-length": Buffer.byteLength(payload), ...type, ...headers },
        timeout: 60_000,
        agent: false,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (data: Buffer) => parts.push(data));
        response.once("error", reject);
        response.once("end", () => {
          const all = Buffer.concat(parts);
          const status = response.statusCode ?? 0;
          resolve({ status, headers: response.headers, body: all, json: () => JSON.parse(all.toString()) });
        });
      },
    );
    sent.once("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in 60 s`)));
    sent.once("error", reject);
    sent.end(payload);
  });
}

/** The text of a page, tried for up to `timeoutMs` until somebody answers. */
export async function pageOf(url: string, timeoutMs = 10_000): Promise<string> {
  for (const until = Date.now() + timeoutMs; ; await sleep(50)) {
    try {
      const answer = await fetch(url, { headers: { connection: "close" }, signal: AbortSignal.timeout(5000) });
      return await answer.text();
    } catch (error) {
      if (Date.now() > until) throw new Error(`${url} does not answer`, { cause: error });
    }
  }
}
