/** Dockerfile instructions that `docker import --change` and `docker commit --change` take, applied to a config. */
import { posix } from "node:path";
import { invalid } from "../../base/errors.ts";
import type { ExecutionConfig, HealthConfig } from "../../wire/oci/image-spec.ts";
import { execForm, expandWord, splitWords } from "./change-words.ts";
import { parseDuration } from "./time-filter.ts";

type Env = ReadonlyMap<string, string>;
type Change = (config: ExecutionConfig, rest: string, env: Env) => void;

function envOf(config: ExecutionConfig): Env {
  return new Map((config.Env ?? []).map((entry) => [entry.split("=", 1)[0]!, entry.slice(entry.indexOf("=") + 1)]));
}

function atLeastOne(name: string, rest: string): void {
  if (rest === "") throw invalid(`${name} requires at least one argument`);
}

function exactlyOne(name: string, rest: string): void {
  if (rest === "") throw invalid(`${name} requires exactly one argument`);
}

function command(rest: string): string[] {
  return execForm(rest) ?? ["/bin/sh", "-c", ...(rest === "" ? [] : [rest])];
}

/** `a=b c="d"`, or the old form `a b c` of one pair. */
function pairs(name: string, rest: string, env: Env): [string, string][] {
  const words = splitWords(rest);
  const old = !words[0]!.includes("=");
  if (old) {
    const match = /^(\S+)\s+(.*)$/s.exec(rest);
    if (match === null) throw invalid(`${name} must have two arguments`);
    return [[expandWord(match[1]!, env), expandWord(match[2]!, env)]];
  }
  return words.map((word) => {
    const equals = word.indexOf("=");
    if (equals === -1) {
      throw invalid(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    }
    if (equals === 0) throw invalid(`${name} names can not be blank`);
    return [expandWord(word.slice(0, equals), env), expandWord(word.slice(equals + 1), env)];
  });
}

function exposed(spec: string): string[] {
  const match = /^(?:.*:)?(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(spec);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  const protocol = (match?.[3] ?? "tcp").toLowerCase();
  if (match === null || last < first || last > 65_535) {
    throw invalid(`Invalid containerPort: ${spec.split("/", 1)[0]!.split(":").at(-1)}`);
  }
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw invalid(`Invalid proto: ${protocol}`);
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}

function healthcheck(rest: string): HealthConfig {
  const durations = {
    interval: "Interval",
    timeout: "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
  } as const;
  const health: HealthConfig = {};
  let left = rest;
  for (
    let flag = /^--([\w-]+)(?:=(\S*))?\s*/.exec(left);
    flag !== null;
    flag = /^--([\w-]+)(?:=(\S*))?\s*/.exec(left)
  ) {
    const [whole, name = "", value = ""] = flag;
    left = left.slice(whole.length);
    if (name === "retries") {
      const retries = Number(value);
      if (!Number.isInteger(retries) || retries < 0) throw invalid(`--retries cannot be negative (${value})`);
      if (retries > 0) health.Retries = retries;
    } else if (Object.hasOwn(durations, name)) {
      const milliseconds = parseDuration(value);
      if (milliseconds === undefined) throw invalid(`time: invalid duration ${JSON.stringify(value)}`);
      if (milliseconds !== 0 && milliseconds < 1) {
        throw invalid(`Interval ${JSON.stringify(name)} cannot be less than 1ms`);
      }
      health[durations[name as keyof typeof durations]] = Math.round(milliseconds * 1e6);
    } else throw invalid(`unknown flag: --${name}`);
  }
  const [, kind = "", test = ""] = /^(\S*)\s*(.*)$/s.exec(left) ?? [];
  if (kind.toUpperCase() === "NONE") {
    if (test !== "") throw invalid("HEALTHCHECK NONE takes no arguments");
    return { Test: ["NONE"] };
  }
  if (kind.toUpperCase() !== "CMD") {
    throw invalid(`Unknown type ${JSON.stringify(kind.toUpperCase())} in HEALTHCHECK (try CMD)`);
  }
  const exec = execForm(test);
  if (exec === undefined ? test === "" : exec.length === 0) throw invalid("Missing command after HEALTHCHECK CMD");
  return { Test: exec === undefined ? ["CMD-SHELL", test] : ["CMD", ...exec], ...health };
}

const signalPattern =
  /^(?:\d+|(?:SIG)?(?:HUP|INT|QUIT|ILL|TRAP|ABRT|IOT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|POLL|PWR|SYS|RTMIN(?:\+\d+)?|RTMAX(?:-\d+)?))$/i;

const verbs: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => {
    config.Cmd = command(rest);
  },
  ENTRYPOINT: (config, rest) => {
    config.Entrypoint = command(rest);
    if (config.Entrypoint.length === 0) config.Entrypoint = null;
  },
  ENV: (config, rest, env) => {
    atLeastOne("ENV", rest);
    for (const [key, value] of pairs("ENV", rest, env)) {
      config.Env = [...(config.Env ?? []).filter((entry) => entry.split("=", 1)[0] !== key), `${key}=${value}`];
    }
  },
  EXPOSE: (config, rest, env) => {
    atLeastOne("EXPOSE", rest);
    const ports = splitWords(rest).flatMap((word) => exposed(expandWord(word, env)));
    config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) };
  },
  HEALTHCHECK: (config, rest) => {
    atLeastOne("HEALTHCHECK", rest);
    config.Healthcheck = healthcheck(rest);
  },
  LABEL: (config, rest, env) => {
    atLeastOne("LABEL", rest);
    config.Labels = { ...config.Labels, ...Object.fromEntries(pairs("LABEL", rest, env)) };
  },
  ONBUILD: (config, rest) => {
    atLeastOne("ONBUILD", rest);
    const trigger = rest.split(/\s/, 1)[0]!.toUpperCase();
    if (trigger === "ONBUILD") throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (trigger === "MAINTAINER" || trigger === "FROM") {
      throw invalid(`${trigger} isn't allowed as an ONBUILD trigger`);
    }
    config.OnBuild = [...(config.OnBuild ?? []), rest];
  },
  STOPSIGNAL: (config, rest, env) => {
    exactlyOne("STOPSIGNAL", rest);
    const signal = expandWord(rest, env);
    if (!signalPattern.test(signal)) throw invalid(`invalid signal: ${signal}`);
    config.StopSignal = signal;
  },
  USER: (config, rest, env) => {
    exactlyOne("USER", rest);
    config.User = expandWord(rest, env);
  },
  VOLUME: (config, rest, env) => {
    atLeastOne("VOLUME", rest);
    const paths = execForm(rest) ?? splitWords(rest);
    const volumes = paths.map((path) => expandWord(path, env).trim());
    if (volumes.includes("")) throw invalid("VOLUME specified can not be an empty string");
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) };
  },
  WORKDIR: (config, rest, env) => {
    exactlyOne("WORKDIR", rest);
    config.WorkingDir = posix.resolve(config.WorkingDir || "/", expandWord(rest, env));
  },
};

/**
 * Applies instructions such as `CMD ["sh"]` to a config and gives the new one. Errors: invalid with Docker's texts.
 */
export function applyChanges(config: ExecutionConfig, changes: readonly string[]): ExecutionConfig {
  const result: ExecutionConfig = structuredClone(config);
  for (const change of changes) {
    const line = change.trim();
    if (line === "" || line.startsWith("#")) throw invalid("file with no instructions");
    const [, name = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
    const verb = verbs[name.toUpperCase()];
    if (verb === undefined) throw invalid(`${name} is not a valid change command`);
    verb(result, rest.trim(), envOf(result));
  }
  return result;
}
