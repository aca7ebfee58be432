import { invalid } from "../../base/errors.ts";
import type { Platform } from "../../wire/oci/image-spec.ts";
import { hostArchitecture } from "./archive-index.ts";

const systems = new Set(["linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris", "android", "aix"]);
const renamed: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
  i386: "386",
  armhf: "arm",
};
const processors = new Set(["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64", "mips64le"]);

/** A platform as `--platform` writes it (`linux/arm64/v8`); empty means this machine. Errors: invalid with Docker's texts. */
export function parsePlatform(text: string): Platform {
  if (text === "") return { os: "linux", architecture: hostArchitecture };
  const quoted = JSON.stringify(text);
  const parts = text.split("/");
  const bad = [...parts.slice(0, 3), ...(parts.length > 3 ? [parts.slice(3).join("/")] : [])].find(
    (part) => !/^[A-Za-z0-9_.-]+$/.test(part),
  );
  if (bad !== undefined) {
    throw invalid(
      `${JSON.stringify(bad)} is an invalid component of ${quoted}: platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`,
    );
  }
  const [first = "", second, variant] = parts.map((part) => part.toLowerCase());
  if (parts.length > 3) throw invalid(`${quoted}: cannot parse platform specifier: invalid argument`);
  if (second === undefined) {
    const architecture = renamed[first] ?? first;
    if (processors.has(architecture)) return { os: "linux", architecture };
    if (!systems.has(first)) throw invalid(`${quoted}: unknown operating system or architecture: invalid argument`);
  }
  if (first !== "linux") throw invalid("operating system is not supported");
  const architecture = second === undefined ? hostArchitecture : (renamed[second] ?? second);
  return { os: first, architecture, ...(variant !== undefined && { variant }) };
}
