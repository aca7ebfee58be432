/**
 * Network namespaces that outlive the processes in them, each pinned by a bind mount on a file. Everything here is
 * synchronous: Node runs nothing else on this thread while it stands in another namespace.
 */
import { closeSync, mkdirSync, openSync, readdirSync, rmdirSync, statfsSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../base/errors.ts";
import { CLONE, MS, mount, setns, unmountNow, unshare } from "./libc.ts";

const NSFS_MAGIC = 0x6e736673;
const ownNamespace = "/proc/thread-self/ns/net";

/**
 * Makes a folder that namespace files can be put in: a mount of its own that does not propagate, so that no service
 * with a copy of the mount tree keeps namespaces alive. Calling it again is no error.
 */
export function prepareNamespaceFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    mount("none", folder, "", MS.PRIVATE);
  } catch (error) {
    if (!hasCode(error, "EINVAL")) throw error;
    mount(folder, folder, "", MS.BIND);
    mount("none", folder, "", MS.PRIVATE);
  }
}

/** Removes the folder if no namespace is left in it; gives whether it is gone. */
export function removeNamespaceFolder(folder: string): boolean {
  try {
    if (readdirSync(folder).length > 0) return false;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return true;
    throw error;
  }
  unmountIfMounted(folder);
  rmdirSync(folder);
  return true;
}

/**
 * Makes a namespace, pins it on `path`, which must not exist, and runs `inside` in it. On failure nothing is left.
 * Errors: EEXIST, and what `inside` throws.
 */
export function createNetworkNamespace<T>(path: string, inside: () => T): T {
  writeFileSync(path, "", { flag: "wx", mode: 0o444 });
  try {
    return away(() => {
      unshare(CLONE.NEWNET);
      mount(ownNamespace, path, "", MS.BIND);
      return inside();
    });
  } catch (error) {
    removeNetworkNamespace(path);
    throw error;
  }
}

/** Runs `inside` in the namespace pinned on `path`. Errors: ENOENT, EINVAL when it is no namespace. */
export function inNetworkNamespace<T>(path: string, inside: () => T): T {
  const target = openSync(path, "r");
  try {
    return away(() => {
      setns(target, CLONE.NEWNET);
      return inside();
    });
  } finally {
    closeSync(target);
  }
}

/** Unpins a namespace; the kernel takes it down when its last process has gone. An absent one is no error. */
export function removeNetworkNamespace(path: string): void {
  unmountIfMounted(path);
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

/** Whether a namespace is pinned on `path`, rather than a file left by a reboot or a half-made namespace. */
export function isNetworkNamespace(path: string): boolean {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

/** The namespace files in a folder, by name; none where the folder is absent. */
export function listNamespaceFiles(folder: string): { readonly name: string; readonly path: string }[] {
  try {
    return readdirSync(folder).map((name) => ({ name, path: join(folder, name) }));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

function unmountIfMounted(path: string): void {
  try {
    unmountNow(path);
  } catch (error) {
    if (!hasCode(error, "EINVAL", "ENOENT")) throw error;
  }
}

/** Runs what leaves this thread's namespace, and comes back whatever happens. */
function away<T>(outside: () => T): T {
  const home = openSync(ownNamespace, "r");
  try {
    return outside();
  } finally {
    try {
      setns(home, CLONE.NEWNET);
    } catch {
      // Going on in a container's network would be worse than ending: containers survive the daemon.
      process.abort();
    }
    closeSync(home);
  }
}
