/** `--security-opt`. */
import { readFile } from "node:fs/promises";
import { hasCode, invalid, messageOf } from "../../../base/errors.ts";
import { quote } from "../../../base/quote.ts";
import { compactJson } from "../../format/json-text.ts";
import { cut } from "./csv.ts";

/** The security options of a request; the paths are empty lists when nothing is to be masked. */
export interface SecurityOptions {
  readonly options: string[] | null;
  readonly maskedPaths: string[] | null;
  readonly readonlyPaths: string[] | null;
}

async function seccompProfile(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const reason = hasCode(error, "ENOENT") ? `open ${path}: no such file or directory` : messageOf(error);
    throw invalid(`opening seccomp profile (${path}) failed: ${reason}`);
  }
  try {
    JSON.parse(text);
  } catch (error) {
    throw invalid(`compacting json for seccomp profile (${path}) failed: ${messageOf(error)}`);
  }
  return compactJson(text);
}

/** Reads the options; a seccomp profile is a file here, and travels as its content. */
export async function securityOptions(texts: readonly string[]): Promise<SecurityOptions> {
  const options: string[] = [];
  let isUnmasked = false;
  for (const text of texts) {
    let { key, value } = cut(text, "=");
    if (value === undefined && key !== "no-new-privileges") ({ key, value } = cut(text, ":"));
    if (!value && key !== "no-new-privileges") throw invalid(`Invalid --security-opt: ${quote(text)}`);
    if (text === "systempaths=unconfined") isUnmasked = true;
    else if (key === "seccomp" && value !== undefined && value !== "builtin" && value !== "unconfined") {
      options.push(`seccomp=${await seccompProfile(value)}`);
    } else options.push(text);
  }
  const paths = isUnmasked ? [] : null;
  return { options: texts.length === 0 ? null : options, maskedPaths: paths, readonlyPaths: paths };
}
