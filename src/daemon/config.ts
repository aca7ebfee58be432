/** What the daemon is told, from its configuration file and its command line, as one validated object. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { hasCode, invalid, messageOf } from "../base/errors.ts";
import type { LogLevel } from "../base/logger.ts";
import { type Instance, instanceOf } from "../host/instance.ts";

/** The daemon's configuration. */
export interface DaemonConfig {
  /** `unix:///path` or `tcp://host:port`, at least one. */
  readonly hosts: readonly string[];
  readonly instance: Instance;
  readonly pidFile: string | undefined;
  readonly logLevel: LogLevel;
  /** Address and prefix of the default bridge, such as `172.17.0.1/16`; undefined to choose one. */
  readonly bridgeAddress: string | undefined;
  readonly addressPools: readonly { readonly base: string; readonly size: number }[];
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  readonly labels: readonly string[];
}

const defaultConfigFile = "/etc/escale/daemon.json";
const defaultDataRoot = "/var/lib/escale";
const runFolder = "/run/escale";

/** Doors that are not built: only `none` and the default are accepted, and both leave them closed. */
const unbuiltDoors = {
  "metrics-addr": "metrics",
  "aws-addr": "AWS",
  "registry-addr": "registry",
  "console-addr": "console",
} as const;

const flags = {
  host: { type: "string", short: "H", multiple: true },
  "data-root": { type: "string" },
  "exec-root": { type: "string" },
  pidfile: { type: "string", short: "p" },
  "config-file": { type: "string" },
  bip: { type: "string" },
  "default-address-pool": { type: "string", multiple: true },
  "registry-mirror": { type: "string", multiple: true },
  "insecure-registry": { type: "string", multiple: true },
  label: { type: "string", multiple: true },
  "log-level": { type: "string", short: "l" },
  "log-driver": { type: "string" },
  "log-opt": { type: "string", multiple: true },
  "metrics-addr": { type: "string" },
  "aws-addr": { type: "string" },
  "registry-addr": { type: "string" },
  "console-addr": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** How `daemon.json` spells what has another name, or several values, on the command line. */
const fileKeys: Readonly<Record<string, keyof typeof flags>> = {
  hosts: "host",
  "data-root": "data-root",
  "exec-root": "exec-root",
  pidfile: "pidfile",
  bip: "bip",
  "registry-mirrors": "registry-mirror",
  "insecure-registries": "insecure-registry",
  labels: "label",
  "log-level": "log-level",
  "log-driver": "log-driver",
  "metrics-addr": "metrics-addr",
  "aws-addr": "aws-addr",
  "registry-addr": "registry-addr",
  "console-addr": "console-addr",
};

export const daemonUsage = `Usage:  escale daemon [OPTIONS]

Run the Escale daemon

Options:
  -H, --host list                   Where to listen: unix:///path or tcp://127.0.0.1:port (default unix:///run/escale/escale.sock)
      --data-root string            Folder of everything that lasts (default "/var/lib/escale")
      --exec-root string            Folder of what ends with the machine's run (default below "/run/escale")
  -p, --pidfile string              File to write the daemon's process id to
      --config-file string          Configuration in daemon.json's form (default "/etc/escale/daemon.json")
      --bip string                  Address and prefix of the default bridge, such as 172.20.0.1/16
      --default-address-pool list   Where subnets are taken from, such as base=10.10.0.0/16,size=24
      --registry-mirror list        Registry to ask before Docker Hub
      --insecure-registry list      Registry that may be spoken to without TLS
      --label list                  Label of this engine, such as rack=3
  -l, --log-level string            debug, info, warn or error (default "info")
      --log-driver string           Log driver of containers that name none (default "json-file")
      --log-opt list                Option of the default log driver
      --metrics-addr string         Where to serve metrics, or none
      --aws-addr string             Where to serve the AWS interface, or none
      --registry-addr string        Where to serve the registry, or none
      --console-addr string         Where to serve the console, or none

Examples:
  escale daemon
  escale daemon -H unix:///tmp/escale.sock --data-root /tmp/escale
`;

type FlagValues = Partial<Record<keyof typeof flags, string | string[] | boolean>>;

function readConfigFile(path: string, isRequired: boolean): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof document !== "object" || document === null || Array.isArray(document)) throw new Error("not an object");
    return document as Record<string, unknown>;
  } catch (error) {
    if (!isRequired && hasCode(error, "ENOENT")) return {};
    throw invalid(`unable to configure the daemon with file ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function pairs(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

function addressPool(text: string): { base: string; size: number } {
  const fields = pairs(text.split(","));
  const size = Number(fields.size);
  if (!fields.base || !Number.isInteger(size)) {
    throw invalid(`invalid argument "${text}" for "--default-address-pool" flag: write base=10.10.0.0/16,size=24`);
  }
  return { base: fields.base, size };
}

function checkHost(host: string): void {
  if (host.startsWith("unix:///")) return;
  const tcp = /^tcp:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(host);
  if (tcp) return;
  if (host.startsWith("tcp://")) {
    throw invalid(
      `refusing to listen on ${host}: plain TCP is open to everybody who reaches it, so only loopback is allowed`,
    );
  }
  throw invalid(`invalid host ${host}: write unix:///path or tcp://127.0.0.1:port`);
}

const logLevels: readonly string[] = ["debug", "info", "warn", "error"];

/** Reads the command line behind `escale daemon`, and the file it names. Errors: invalid. */
export function readConfig(argv: readonly string[]): DaemonConfig | "help" {
  let given: FlagValues;
  try {
    given = parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw invalid(messageOf(error), { cause: error });
  }
  if (given.help === true) return "help";
  const filePath = given["config-file"];
  const file = readConfigFile(typeof filePath === "string" ? filePath : defaultConfigFile, filePath !== undefined);
  for (const [key, value] of Object.entries(file)) {
    const flag = fileKeys[key];
    if (flag === undefined) continue;
    if (given[flag] !== undefined) {
      throw invalid(`the following directives are specified both as a flag and in the configuration file: ${key}`);
    }
    given[flag] = value as string | string[];
  }
  const one = (flag: keyof typeof flags): string | undefined => given[flag] as string | undefined;
  const many = (flag: keyof typeof flags): string[] => (given[flag] as string[] | undefined) ?? [];
  for (const [flag, door] of Object.entries(unbuiltDoors)) {
    const address = one(flag as keyof typeof flags);
    if (address !== undefined && address !== "none") {
      throw invalid(`--${flag}=${address}: the ${door} door is not implemented by Escale yet; write --${flag}=none`);
    }
  }
  const logLevel = one("log-level") ?? "info";
  if (!logLevels.includes(logLevel)) throw invalid(`invalid logging level: ${logLevel}`);
  const dataRoot = resolve(one("data-root") ?? defaultDataRoot);
  const { tag } = instanceOf(dataRoot, "");
  const execRoot = one("exec-root") ?? (dataRoot === defaultDataRoot ? runFolder : join(runFolder, tag));
  const hosts = many("host").length > 0 ? many("host") : [`unix://${join(runFolder, "escale.sock")}`];
  for (const host of hosts) checkHost(host);
  const pools = (file["default-address-pools"] as { base: string; size: number }[] | undefined) ?? [];
  return {
    hosts,
    instance: instanceOf(dataRoot, execRoot),
    pidFile: one("pidfile"),
    logLevel: logLevel as LogLevel,
    bridgeAddress: one("bip"),
    addressPools: [...many("default-address-pool").map(addressPool), ...pools],
    logDriver: one("log-driver") ?? "json-file",
    logOptions: { ...(file["log-opts"] as Record<string, string> | undefined), ...pairs(many("log-opt")) },
    labels: many("label"),
  };
}
