import { apiVersion, oldestApiVersion } from "../../wire/docker/api-version.ts";

/** -1, 0 or 1: numbers between dots are compared as numbers, what is missing counts as 0. */
export function compareVersions(one: string, other: string): number {
  const a = one.split(".");
  const b = other.split(".");
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = Number(a[index] ?? 0) - Number(b[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** Whether the client's API version is older than `than`. */
export function isOlder(version: string, than: string): boolean {
  return compareVersions(version, than) < 0;
}

/** Splits `/v1.51/info` into version and path; a path without a version has the newest. */
export function splitVersion(path: string): { readonly version: string | undefined; readonly path: string } {
  const found = /^\/v([0-9.]+)(\/.*)$/.exec(path);
  return found === null ? { version: undefined, path } : { version: found[1] ?? "", path: found[2] ?? "/" };
}

/** Why a version is not served; undefined when it is. */
export function problemOfVersion(
  version: string,
): { readonly isTooOld: boolean; readonly message: string } | undefined {
  if (isOlder(version, oldestApiVersion)) {
    const advice = `Minimum supported API version is ${oldestApiVersion}, please upgrade your client to a newer version`;
    return { isTooOld: true, message: `client version ${version} is too old. ${advice}` };
  }
  if (!isOlder(apiVersion, version)) return undefined;
  return {
    isTooOld: false,
    message: `client version ${version} is too new. Maximum supported API version is ${apiVersion}`,
  };
}
