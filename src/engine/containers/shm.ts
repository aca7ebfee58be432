/** The /dev/shm of containers that share it: mounted on the host, so that others can bind it. */
import { mkdirSync } from "node:fs";
import { hasCode } from "../../base/errors.ts";
import { MS, mount, unmountNow } from "../../host/libc.ts";
import type { ContainerPaths } from "./paths.ts";

/** Mounts a container's shareable memory, `size` bytes large; gives where. What an earlier run left there goes. */
export function mountShm({ shm }: Pick<ContainerPaths, "shm">, size: number): string {
  unmountShm({ shm });
  mkdirSync(shm, { recursive: true, mode: 0o700 });
  mount("shm", shm, "tmpfs", MS.NOSUID | MS.NODEV | MS.NOEXEC, `mode=1777,size=${size}`);
  return shm;
}

/** Unmounts it; nothing mounted is no error. Those who joined keep it. */
export function unmountShm({ shm }: Pick<ContainerPaths, "shm">): void {
  try {
    unmountNow(shm);
  } catch (error) {
    if (!hasCode(error, "EINVAL", "ENOENT")) throw error;
  }
}
