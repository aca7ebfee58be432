import { invalid } from "../../base/errors.ts";

/** A platform `os[/arch[/variant]]` as the daemon's queries carry it; undefined for none. */
export function platformQuery(text: string): string | undefined {
  if (text === "") return undefined;
  const [os = "", architecture, variant, ...rest] = text.split("/");
  const parts = [os, architecture, variant].filter((part) => part !== undefined);
  if (rest.length > 0 || !parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part))) {
    throw invalid(`invalid platform: ${JSON.stringify(text)} is an invalid OS/architecture`);
  }
  const names: Readonly<Record<string, string>> = { x86_64: "amd64", "x86-64": "amd64", aarch64: "arm64" };
  const known = architecture === undefined ? "" : (names[architecture] ?? architecture);
  return JSON.stringify({ architecture: known, os, ...(variant !== undefined && { variant }) });
}
