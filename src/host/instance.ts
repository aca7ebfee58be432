import { createHash } from "node:crypto";
import { resolve } from "node:path";

/**
 * The names of everything on the host that one engine owns, derived from its data root, so that several engines never
 * meet: `tag` is `escale` for the default data root, else `esc` and eight hexadecimal digits of its hash (11
 * characters: an interface name has 15).
 */
export interface Instance {
  readonly tag: string;
  readonly dataRoot: string;
  readonly execRoot: string;
}

/** The instance of a data root; `execRoot` holds what does not outlive a reboot (namespaces, sockets). */
export function instanceOf(dataRoot: string, execRoot: string): Instance {
  const root = resolve(dataRoot);
  const tag =
    root === "/var/lib/escale" ? "escale" : `esc${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
  return { tag, dataRoot: root, execRoot: resolve(execRoot) };
}
