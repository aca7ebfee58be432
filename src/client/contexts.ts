/** Docker's client configuration: `config.json` and the contexts beside it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode, invalid, messageOf, notFound, unsupported } from "../base/errors.ts";
import { defaultAddress, type Endpoint, parseEndpoint } from "./endpoint.ts";

/** What Docker's `config.json` says that commands heed. */
export interface ClientConfig {
  readonly currentContext?: string;
  readonly detachKeys?: string;
  readonly psFormat?: string;
  readonly imagesFormat?: string;
  readonly networksFormat?: string;
  readonly statsFormat?: string;
  /** Filters of every prune, as `name=value`. */
  readonly pruneFilters?: readonly string[];
  /** Proxy settings by daemon address, or `default`, that go into the environment of new containers. */
  readonly proxies?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How a daemon was asked for. */
export interface EndpointChoice {
  /** From `--host`. */
  readonly host?: string | undefined;
  /** From `--context`. */
  readonly context?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configDir: string;
  readonly config: ClientConfig;
}

/** The folder of the client configuration: `DOCKER_CONFIG`, else `.docker` in the home folder. */
export function configDirOf(env: Readonly<Record<string, string | undefined>>): string {
  return env.DOCKER_CONFIG || join(env.HOME || "/root", ".docker");
}

/** Reads `config.json` of that folder. A missing file is an empty configuration; a broken one gives a warning. */
export function readConfig(dir: string, warn: (text: string) => void): ClientConfig {
  const path = join(dir, "config.json");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTDIR")) warn(`WARNING: Error loading config file: ${messageOf(error)}`);
    return {};
  }
  try {
    return JSON.parse(text) as ClientConfig;
  } catch (error) {
    warn(`WARNING: Error parsing config file (${path}): ${messageOf(error)}`);
    return {};
  }
}

/** The name of the context in use, as `docker context show` prints it. */
export function contextName(choice: EndpointChoice): string {
  if (choice.context) return choice.context;
  if (choice.host || choice.env.ESCALE_HOST || choice.env.DOCKER_HOST) return "default";
  return choice.env.DOCKER_CONTEXT || choice.config.currentContext || "default";
}

/**
 * Decides which daemon to talk to: `--host` or `--context`, then `ESCALE_HOST`, `DOCKER_HOST`, `DOCKER_CONTEXT`, the
 * current context of the configuration, and last Escale's own socket.
 */
export async function resolveEndpoint(choice: EndpointChoice): Promise<Endpoint> {
  if (choice.host && choice.context) throw invalid("conflicting options: cannot specify both --host and --context");
  const name = contextName(choice);
  if (name !== "default") return parseEndpoint(await readContext(choice.configDir, name));
  if (choice.env.DOCKER_TLS_VERIFY) throw unsupported("TLS (DOCKER_TLS_VERIFY) is not built yet");
  return parseEndpoint(choice.host || choice.env.ESCALE_HOST || choice.env.DOCKER_HOST || defaultAddress);
}

async function readContext(configDir: string, name: string): Promise<string> {
  // Loaded here because hashing costs start-up time, and few commands meet a named context.
  const { createHash } = await import("node:crypto");
  const id = createHash("sha256").update(name).digest("hex");
  const path = join(configDir, "contexts", "meta", id, "meta.json");
  const failed = `Failed to initialize: unable to resolve docker endpoint: context ${JSON.stringify(name)}`;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw notFound(`${failed}: context not found: open ${path}: no such file or directory`);
  }
  try {
    const meta = JSON.parse(text) as { Endpoints?: { docker?: { Host?: string } } };
    return meta.Endpoints?.docker?.Host ?? defaultAddress;
  } catch (error) {
    throw invalid(`${failed}: ${messageOf(error)}`);
  }
}
