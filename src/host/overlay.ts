/** Overlay mounts: many read-only trees seen as one, with a writable one on top. */
import { existsSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasCode, internal } from "../base/errors.ts";
import { libc, mount, SystemCallError, unmount } from "./libc.ts";

const getxattr = libc("long getxattr(const char *path, const char *name, void *value, size_t size)");

/** What to mount, and where. */
export interface OverlayMount {
  /** The folder that {@link lower} is relative to: short names let more layers fit into the page that mount(2) takes. */
  readonly base: string;
  /** Highest first, without `:` or `,`. */
  readonly lower: readonly string[];
  /** Absolute; both or none: without them the mount is read-only. */
  readonly upper?: string;
  readonly work?: string;
  readonly target: string;
  /** Never sync: fast, but after a crash of the machine the writable tree is worthless. */
  readonly isVolatile?: boolean;
}

const page = 4096;

// What makes a writable tree depend on its mount is off: a tree is packed, moved and mounted again by itself.
const plain = ["index", "metacopy", "redirect_dir"]
  .filter((name) => existsSync(`/sys/module/overlay/parameters/${name}`))
  .map((name) => `,${name}=off`)
  .join("");

function escaped(path: string): string {
  return path.replaceAll(/[\\,:]/g, "\\$&");
}

/**
 * Mounts an overlay. Errors: internal when the options exceed a page (too many layers), and {@link SystemCallError}.
 */
export function mountOverlay(overlay: OverlayMount): void {
  const { upper, work } = overlay;
  const writable =
    upper === undefined || work === undefined ? "" : `,upperdir=${escaped(upper)},workdir=${escaped(work)}`;
  const isVolatile = overlay.isVolatile === true && writable !== "";
  const options = `lowerdir=${overlay.lower.join(":")}${writable}${isVolatile ? ",volatile" : ""}${plain}`;
  if (Buffer.byteLength(options) >= page) throw internal("max depth exceeded", { details: { target: overlay.target } });
  // The kernel leaves this behind to refuse a tree that was written without syncs; a clean shutdown is our own to judge.
  if (work !== undefined) rmSync(join(work, "work/incompat"), { recursive: true, force: true });
  const home = process.cwd();
  process.chdir(overlay.base);
  try {
    mount("overlay", overlay.target, "overlay", 0, options);
  } catch (error) {
    // Kernels before 5.10 do not know it.
    if (!isVolatile || !(error instanceof SystemCallError) || error.code !== "EINVAL") throw error;
    mount("overlay", overlay.target, "overlay", 0, options.replace(",volatile", ""));
  } finally {
    process.chdir(home);
  }
}

/** Whether something is mounted on a folder that is on another file system than its parent then; absent is no. */
export function isMountPoint(path: string): boolean {
  try {
    return statSync(path).dev !== statSync(dirname(path)).dev;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

/** Unmounts, off the event loop, all that is stacked on `path`; nothing mounted is no error. */
export async function unmountOverlay(path: string): Promise<void> {
  while (isMountPoint(path)) {
    try {
      await unmount(path);
    } catch (error) {
      // Somebody else may have unmounted it meanwhile.
      if (isMountPoint(path)) throw error;
    }
  }
}

/** Whether a folder of a writable tree or a layer hides what is below it. */
export function isOpaque(folder: string): boolean {
  const value = Buffer.alloc(1);
  return Number(getxattr(folder, "trusted.overlay.opaque", value, 1)) === 1 && value.toString() === "y";
}
