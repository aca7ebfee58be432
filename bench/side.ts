/** One of the two engines that are compared, and the ways to reach it. */
import { type ChildProcess, spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { unpack } from "../scripts/debian-packages.ts";

/** An engine under measurement. */
export interface Side {
  readonly name: "peer" | "ours";
  readonly host: string;
  /** The daemon's process, as this process's /proc shows it; 0 if unknown. */
  readonly pid: number;
  /** What a metric keeps for its later rounds and for others. */
  readonly notes: Map<string, unknown>;
  /** Runs the stock CLI; rejects unless it exits 0. Gives standard output. */
  docker(args: readonly string[], options?: { input?: Buffer }): Promise<string>;
  /** Starts the stock CLI with its standard output as a pipe. */
  startDocker(args: readonly string[]): ChildProcess;
  /** One request of the API on a kept connection; rejects for a status of 400 and more. */
  api(method: string, path: string, body?: unknown): Promise<Answer>;
}

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the benchmark reads what the API says is there
  json(): any;
}

/** What an engine says it has not built: the metric is skipped. */
export class NotBuilt extends Error {
  override readonly name = "NotBuilt";
}

/** The API version that both engines speak. */
const version = "/v1.41";

/** Every container of the benchmark carries this label. */
export const benchLabel = "escale.bench=1";

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv, input?: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
    const output: Buffer[] = [];
    let errors = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), 120_000);
    child.stdout?.on("data", (data: Buffer) => output.push(data));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(Buffer.concat(output).toString());
      const words = `docker ${args.slice(0, 4).join(" ")}: ${signal ?? `exit ${code}`}: ${errors.trim().slice(-300)}`;
      reject(/not (built|implemented|supported)|501/i.test(errors) ? new NotBuilt(words) : new Error(words));
    });
  });
}

/** The engine at `host`. */
export function openSide(name: Side["name"], host: string, pid: number): Side {
  // Debian 12's own CLI, of the same package as the peer: it starts in half the time of later ones, so that less of what is
  // measured is the client.
  const docker = join(unpack("peer"), "usr/bin/docker");
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: "/nonexistent", DOCKER_BUILDKIT: "0" };
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const socketPath = host.replace(/^unix:\/\//, "");
  const api: Side["api"] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? "" : JSON.stringify(body);
      const headers =
        body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) };
      const sent = request(
        { socketPath, agent, method, path: version + path, headers, timeout: 60_000 },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.once("error", reject);
          response.once("end", () => {
            const all = Buffer.concat(parts);
            const status = response.statusCode ?? 0;
            const words = `${method} ${path}: ${status} ${all.toString().slice(0, 200)}`;
            if (status === 501) reject(new NotBuilt(words));
            else if (status >= 400) reject(new Error(words));
            else resolve({ status, body: all, json: () => JSON.parse(all.toString()) });
          });
        },
      );
      sent.once("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in 60 s`)));
      sent.once("error", reject);
      sent.end(payload);
    });
  return {
    name,
    host,
    pid,
    notes: new Map(),
    docker: (args, { input } = {}) => run(docker, args, env, input),
    startDocker: (args) => spawn(docker, args, { env, stdio: ["ignore", "pipe", "inherit"] }),
    api,
  };
}

/** Creates a container of the benchmark's by the API; gives its id. */
export async function create(
  side: Side,
  network: string,
  command: readonly string[],
  hostConfig: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const [key = "", value = ""] = benchLabel.split("=");
  const answer = await side.api("POST", "/containers/create", {
    Image: "bb",
    Cmd: command,
    Labels: { [key]: value },
    HostConfig: { ...hostConfig, NetworkMode: network },
  });
  return answer.json().Id;
}

/** Removes every container of the benchmark's, by force. */
export async function removeAll(side: Side): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [benchLabel] }));
  const list: { Id: string }[] = (await side.api("GET", `/containers/json?all=1&filters=${filters}`)).json();
  await atOnce(4, list, ({ Id }) => side.api("DELETE", `/containers/${Id}?force=1&v=1`));
}

/** Does `work` for each item, `width` at a time. */
export async function atOnce<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
