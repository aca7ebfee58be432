/** The package sources of this machine's apt, in both of its formats. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/errors.ts";

async function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => (hasCode(error, "ENOENT") ? "" : Promise.reject(error)));
}

/** Stanzas of a `.sources` file whose suites are of the release, kept to these suites. */
function fromStanzas(text: string, release: string): string[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const lines = stanza.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
    const field = (name: string): string => lines.find((line) => line.toLowerCase().startsWith(`${name}:`)) ?? "";
    const suites = field("suites")
      .split(/\s+/)
      .filter((suite) => suite.startsWith(release));
    const isOff = /:\s*no\s*$/i.test(field("enabled"));
    if (suites.length === 0 || isOff || !/\bdeb\b/.test(field("types"))) return [];
    return [lines.map((line) => (line === field("suites") ? `Suites: ${suites.join(" ")}` : line)).join("\n")];
  });
}

function fromLines(text: string, release: string): string[] {
  return text.split("\n").filter((line) => {
    const words = line
      .replace(/\[[^\]]*\]/, "")
      .trim()
      .split(/\s+/);
    return words[0] === "deb" && words[2]?.startsWith(release) === true;
  });
}

/**
 * The sources for a release of Debian (`bookworm`): `stanzas` in the deb822 format, `lines` in the older one; both are
 * empty where this machine has none.
 */
export async function aptSources(release: string, folder = "/etc/apt"): Promise<{ stanzas: string; lines: string }> {
  const names = await readdir(join(folder, "sources.list.d")).catch((error: unknown) =>
    hasCode(error, "ENOENT") ? [] : Promise.reject(error),
  );
  const stanzas: string[] = [];
  const lines = fromLines(await read(join(folder, "sources.list")), release);
  for (const name of names.sort()) {
    const text = await read(join(folder, "sources.list.d", name));
    if (name.endsWith(".sources")) stanzas.push(...fromStanzas(text, release));
    else if (name.endsWith(".list")) lines.push(...fromLines(text, release));
  }
  return {
    stanzas: stanzas.map((stanza) => `${stanza}\n`).join("\n"),
    lines: lines.map((line) => `${line}\n`).join(""),
  };
}
