/** Environment variables and labels, from flags and files. */
import { readFile } from "node:fs/promises";
import { hasCode, invalid, messageOf } from "../../../base/errors.ts";
import { cut } from "./csv.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Refuses a variable without a name. */
export function checkVariable(text: string): string {
  if (text === "" || text.startsWith("=")) throw invalid(`invalid environment variable: ${text}`);
  return text;
}

/** Refuses a label without a name or with blanks in it. */
export function checkLabel(text: string): string {
  const key = cut(text, "=").key.trimStart();
  if (key === "") throw invalid(`invalid label '${text}': empty name`);
  if (/\s/.test(key)) throw invalid(`label '${key}' contains whitespaces`);
  return text;
}

/** Gives a variable that was only named its value in this environment, if it has one. */
function withValue(text: string, environment: Environment): string {
  if (text.includes("=")) return text;
  const value = environment[text];
  return value === undefined ? text : `${text}=${value}`;
}

async function readPairs(path: string, kind: string, environment: Environment | undefined): Promise<string[]> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw invalid(`open ${path}: no such file or directory`);
    if (hasCode(error, "EISDIR")) throw invalid(`invalid ${kind} file (${path}): read ${path}: is a directory`);
    throw invalid(`open ${path}: ${messageOf(error)}`);
  }
  const pairs: string[] = [];
  const lines = content
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split("\n");
  for (const [index, raw] of lines.entries()) {
    if (content.includes(0xff) && raw.includes("\uFFFD")) {
      throw invalid(`invalid ${kind} file (${path}): invalid utf8 bytes at line ${index + 1}: ${raw}`);
    }
    const line = raw.replace(/\r$/, "").trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const { key, value } = cut(line, "=");
    if (key === "") throw invalid(`invalid ${kind} file (${path}): no variable name on line '${line}'`);
    if (/\s/.test(key)) {
      throw invalid(`invalid ${kind} file (${path}): variable '${key}' contains whitespaces`);
    }
    if (value !== undefined) pairs.push(`${key}=${value}`);
    else if (environment?.[key] !== undefined) pairs.push(`${key}=${environment[key]}`);
  }
  return pairs;
}

/** Proxy settings of the client configuration, by the names of the variables that carry them. */
const proxyVariables: Readonly<Record<string, string>> = {
  httpProxy: "HTTP_PROXY",
  httpsProxy: "HTTPS_PROXY",
  noProxy: "NO_PROXY",
  ftpProxy: "FTP_PROXY",
  allProxy: "ALL_PROXY",
};

/** The variables that the client configuration adds to every new container. */
export function proxySettings(
  proxies: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined,
  address: string,
): string[] {
  const settings = proxies?.[address] ?? proxies?.default ?? {};
  return Object.entries(proxyVariables).flatMap(([key, name]) => {
    const value = settings[key];
    return value ? [`${name}=${value}`, `${name.toLowerCase()}=${value}`] : [];
  });
}

/** The variables of a request: files first, then flags, of which the last of a name counts. */
export async function variablesOf(
  files: readonly string[],
  flags: readonly string[],
  defaults: readonly string[],
  environment: Environment,
): Promise<string[]> {
  const named = new Map<string, string>();
  for (const flag of flags) named.set(cut(flag, "=").key, withValue(flag, environment));
  for (const setting of defaults) {
    const { key } = cut(setting, "=");
    if (!named.has(key)) named.set(key, setting);
  }
  return [...(await fromFiles(files, "env", environment)), ...named.values()];
}

/** The variables of an exec: files first, then flags, all as they come. */
export async function execVariables(
  files: readonly string[],
  flags: readonly string[],
  environment: Environment,
): Promise<string[]> {
  return [...(await fromFiles(files, "env", environment)), ...flags.map((flag) => withValue(flag, environment))];
}

async function fromFiles(files: readonly string[], kind: string, environment?: Environment): Promise<string[]> {
  const pairs: string[] = [];
  for (const file of files) pairs.push(...(await readPairs(file, kind, environment)));
  return pairs;
}

/** The labels of a request: files first, then flags. */
export async function labelsOf(files: readonly string[], flags: readonly string[]): Promise<Record<string, string>> {
  return mapOf([...(await fromFiles(files, "label")), ...flags]);
}

/** `key=value` texts as a map; the last of a name counts. */
export function mapOf(pairs: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (const pair of pairs) {
    const { key, value = "" } = cut(pair, "=");
    map[key] = value;
  }
  return map;
}
