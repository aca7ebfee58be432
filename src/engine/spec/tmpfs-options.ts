/** Options of tmpfs mounts. Pure. */
import { internal } from "../../base/errors.ts";

const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"];

/** Flags, each with what it is about: of the same matter the last one counts. */
const flags: Readonly<Record<string, string>> = {
  ...{ defaults: "defaults", ro: "write", rw: "write", suid: "suid", nosuid: "suid", dev: "dev", nodev: "dev" },
  ...{ exec: "exec", noexec: "exec", sync: "sync", async: "sync", dirsync: "dirsync", remount: "remount" },
  ...{ mand: "mand", nomand: "mand", atime: "atime", noatime: "atime", diratime: "diratime", nodiratime: "diratime" },
  ...{ bind: "bind", rbind: "bind", relatime: "relatime", norelatime: "relatime" },
  ...{ strictatime: "strictatime", nostrictatime: "strictatime" },
  ...Object.fromEntries(propagations.map((name) => [name, "propagation"])),
};

/** Options of the file system, with a value. */
const settings = new Set(["mode", "uid", "gid", "size", "nr_inodes", "nr_blocks", "mpol"]);

function matterOf(option: string): string {
  const [name = ""] = option.split("=", 1);
  const matter = option.includes("=") ? (settings.has(name) ? name : undefined) : flags[option];
  if (matter === undefined) throw internal(`invalid tmpfs option "${option}"`);
  return matter;
}

const defaults = ["noexec", "nosuid", "nodev", "rprivate"];

/**
 * The options of a tmpfs mount: Docker's own and then the `wanted` ones, of which the last of each matter counts.
 * Errors: internal, with Docker's text for an unknown one.
 */
export function tmpfsOptions(wanted: readonly string[]): string[] {
  const byMatter = new Map<string, string>();
  for (const option of [...defaults, ...wanted.filter((each) => each !== "")]) {
    const matter = matterOf(option);
    byMatter.delete(matter);
    byMatter.set(matter, option);
  }
  return [...byMatter.values()];
}
