import type { Docker } from "./docker.ts";
import { busyboxFiles } from "./images.ts";
import { tarOf } from "./tar.ts";

/** Gives an engine the image `bb`, a busybox. */
export async function bringBusybox(docker: Docker): Promise<void> {
  const { code, stderr } = await docker.run(["import", "-", "bb"], { input: tarOf(busyboxFiles()) });
  if (code !== 0) throw new Error(`docker import failed: ${stderr}`);
}
