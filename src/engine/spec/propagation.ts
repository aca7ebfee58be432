/** Whether mounts of the host can propagate into a container. */
import { readFile } from "node:fs/promises";
import { internal } from "../../base/errors.ts";

/** A mount of the host: where, and its optional fields (`shared:1 master:2`). */
export interface HostMount {
  readonly mountPoint: string;
  readonly optional: string;
}

/** Reads /proc/self/mountinfo. */
export function parseMountInfo(text: string): HostMount[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [before = ""] = line.split(" - ", 1);
      const fields = before.split(" ");
      const mountPoint = (fields[4] ?? "").replace(/\\([0-7]{3})/g, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 8)),
      );
      return { mountPoint, optional: fields.slice(6).join(" ") };
    });
}

/** The mount that `path` is on: of those on one place, the last hides the others. */
function mountOf(path: string, mounts: readonly HostMount[]): HostMount | undefined {
  const holds = ({ mountPoint }: HostMount): boolean =>
    mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`);
  return mounts.reduce<HostMount | undefined>(
    (best, each) => (holds(each) && each.mountPoint.length >= (best?.mountPoint.length ?? 0) ? each : best),
    undefined,
  );
}

/** Refuses a bind that wants more than its source's mount has. Errors: internal, with Docker's texts. */
export function checkPropagation(source: string, propagation: string, mounts: readonly HostMount[]): void {
  const mount = mountOf(source, mounts);
  const isShared = mount?.optional.includes("shared:") ?? false;
  const isSlave = mount?.optional.includes("master:") ?? false;
  const place = `path ${source} is mounted on ${mount?.mountPoint ?? ""} but it is not`;
  if (/^r?shared$/.test(propagation) && !isShared) throw internal(`${place} a shared mount`);
  if (/^r?slave$/.test(propagation) && !isShared && !isSlave) throw internal(`${place} a shared or slave mount`);
}

/** The mounts of this process's mount namespace, now. */
export async function hostMounts(): Promise<HostMount[]> {
  return parseMountInfo(await readFile("/proc/self/mountinfo", "utf8"));
}

/** How the container's root must propagate for these binds to work, or undefined for not at all. */
export function rootPropagation(propagations: readonly string[]): string | undefined {
  if (propagations.some((each) => /^r?shared$/.test(each))) return "shared";
  return propagations.some((each) => /^r?slave$/.test(each)) ? "rslave" : undefined;
}
