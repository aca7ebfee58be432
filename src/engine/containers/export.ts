import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { packTar } from "../../host/tar/index.ts";
import { type RootDeps, withOwnTree } from "./container-root.ts";

/**
 * A tar of a container's whole file system without what is mounted into it. Resolves when it can be read; a container
 * that does not run is held as it is until that ends. Source: ContainerExport. Errors: not-found.
 */
export async function exportTree(parts: RootDeps, id: string): Promise<Readable> {
  const container = parts.table.resolve(id);
  const ready = Promise.withResolvers<Readable>();
  withOwnTree(parts, container, async (folder) => {
    const archive = packTar(folder, { isBare: true, isLive: true });
    const ended = finished(archive).catch(() => undefined);
    parts.table.emit(container, "export");
    ready.resolve(archive);
    await ended;
  }).catch(ready.reject);
  return ready.promise;
}
