/** `--volume`: what is mounted from outside, and what is a volume without a name. */
import { resolve } from "node:path";
import { invalid } from "../../../base/errors.ts";
import { cut } from "./csv.ts";

interface VolumeParts {
  readonly source: string;
  readonly target: string;
}

/** Splits `[SOURCE:]TARGET[:OPTIONS]`; a letter before a colon is the drive of a Windows path, not a source. Throws. */
function splitVolume(text: string): VolumeParts {
  if (text === "") throw invalid("invalid empty volume spec");
  if (text.length <= 2) return { source: "", target: text };
  const parts: string[] = [];
  let part = "";
  for (const character of text) {
    if (character === ":" && !/^\p{L}$/u.test(part)) {
      parts.push(part);
      part = "";
    } else {
      part += character;
    }
  }
  parts.push(part);
  if (parts.includes("")) throw invalid(`invalid spec: ${text}: empty section between colons`);
  if (parts.length > 3) throw invalid(`invalid spec: ${text}: too many colons`);
  if (parts.length === 1) return { source: "", target: part };
  return { source: parts[0] ?? "", target: parts[1] ?? "" };
}

function isPath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith("\\\\") || /^\p{L}:/u.test(source);
}

/** The binds of a request, and the volumes without a name that its config carries. */
export function volumesOf(texts: readonly string[]): { binds: string[]; volumes: Record<string, object> } {
  const binds: string[] = [];
  const volumes: Record<string, object> = {};
  for (const text of new Set(texts)) {
    const { source } = splitVolume(text);
    if (source === "") {
      volumes[text] = {};
      continue;
    }
    const { key, value = "" } = cut(text, ":");
    const isRelative = isPath(source) && key.startsWith(".");
    binds.push(isRelative ? `${resolve(key)}:${value}` : text);
  }
  return { binds, volumes };
}
