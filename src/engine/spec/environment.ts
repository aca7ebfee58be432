/** The environment of a container's processes. Pure. */
import type { ContainerConfig } from "../../wire/docker/containers.ts";

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function nameOf(entry: string): string {
  const at = entry.indexOf("=");
  return at === -1 ? entry : entry.slice(0, at);
}

/** `base` with `overrides`: a value takes the place of the former one, a bare name removes it. */
function override(base: readonly string[], overrides: readonly string[]): string[] {
  const byName = new Map(base.map((entry) => [nameOf(entry), entry]));
  for (const entry of overrides) {
    if (entry.includes("=")) byName.set(nameOf(entry), entry);
    else byName.delete(entry);
  }
  return [...byName.values()];
}

/**
 * The variables in Docker's order: PATH, HOSTNAME, TERM for a terminal, then the container's and those of an exec.
 * `home` is added where no HOME is set.
 */
export function environmentOf(
  config: Pick<ContainerConfig, "Hostname" | "Env">,
  options: { tty: boolean; home: string; extra?: readonly string[] },
): string[] {
  const base = [`PATH=${defaultPath}`, `HOSTNAME=${config.Hostname}`, ...(options.tty ? ["TERM=xterm"] : [])];
  const entries = override(override(base, config.Env ?? []), options.extra ?? []);
  const hasHome = entries.some((entry) => entry.startsWith("HOME=") && entry !== "HOME=");
  return hasHome ? entries : [...entries.filter((entry) => entry !== "HOME="), `HOME=${options.home}`];
}
