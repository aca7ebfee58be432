/** Platforms `os[/arch[/variant]]` as people write them. */
import { arch } from "node:os";
import { invalid } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";

interface Parts {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const systems = [
  "aix",
  "android",
  "darwin",
  "dragonfly",
  "freebsd",
  "illumos",
  "ios",
  "js",
  "linux",
  "netbsd",
  "openbsd",
  "plan9",
  "solaris",
  "windows",
];
const architectures = [
  "386",
  "amd64",
  "arm",
  "arm64",
  "loong64",
  "mips",
  "mips64",
  "mips64le",
  "mipsle",
  "ppc64",
  "ppc64le",
  "riscv64",
  "s390x",
  "wasm",
];
const otherNames: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  i386: "386",
  aarch64: "arm64",
  armhf: "arm",
  armel: "arm",
  macos: "darwin",
};

/** The architecture of this machine in Docker's spelling. */
function ownArchitecture(): string {
  const own: string = arch();
  return own === "x64" ? "amd64" : own;
}

function parsePlatform(text: string): Parts {
  const parts = text.split("/");
  const failed = (reason: string): Error => invalid(`${reason}: invalid argument`);
  if (parts.length > 3) throw failed(`${quote(text)}: cannot parse platform specifier`);
  for (const [index, part] of parts.entries()) {
    if (/^[A-Za-z0-9_.-]+$/.test(part)) continue;
    if (index === 0) {
      const pattern = quote("^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$");
      throw failed(
        `${quote(part)} is an invalid OS component of ${quote(text)}: OSAndVersion specifier component must match ${pattern}`,
      );
    }
    const pattern = quote("^[A-Za-z0-9_.-]+$");
    throw failed(
      `${quote(part)} is an invalid component of ${quote(text)}: platform specifier component must match ${pattern}`,
    );
  }
  const [first = "", second, variant] = parts.map((part) => otherNames[part.toLowerCase()] ?? part.toLowerCase());
  if (second !== undefined) return { os: first, architecture: second, ...(variant !== undefined && { variant }) };
  if (systems.includes(first)) return { os: first, architecture: ownArchitecture() };
  if (architectures.includes(first)) return { os: "linux", architecture: first };
  throw failed(`${quote(text)}: unknown operating system or architecture`);
}

/** A platform in its full form, `linux/amd64`. Throws an invalid error with Docker's text. */
export function platformText(text: string): string {
  try {
    const { os, architecture, variant } = parsePlatform(text);
    return [os, architecture, variant].filter((part) => part !== undefined).join("/");
  } catch (error) {
    throw invalid(`error parsing specified platform: ${(error as Error).message}`);
  }
}

/** A platform as the daemon's queries for images carry it; undefined for none. */
export function platformQuery(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    return JSON.stringify(parsePlatform(text));
  } catch (error) {
    throw invalid(`invalid platform: ${(error as Error).message}`);
  }
}
