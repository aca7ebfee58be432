import { packLayer } from "../../host/tar/index.ts";
import type { ContainerConfig } from "../../wire/docker/containers.ts";
import type { ExecutionConfig } from "../../wire/oci/image-spec.ts";
import type { RootDeps } from "./container-root.ts";

/** What to make of a container. */
export interface CommitRequest {
  readonly repository: string;
  readonly tag: string;
  readonly author: string;
  readonly comment: string;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  /** Whether the container stands still meanwhile. */
  readonly pause: boolean;
}

/** The part of a container's configuration that an image has. */
function imagePart(config: ContainerConfig): ExecutionConfig {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal, Healthcheck } = config;
  const part = { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal, Healthcheck };
  const given = Object.entries(part).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given) as ExecutionConfig;
}

/** Makes an image of a container's file system; gives its id. Source: ImageCommit. Errors: not-found, invalid, internal. */
export async function commit(parts: RootDeps, id: string, request: CommitRequest): Promise<string> {
  const { deps, table } = parts;
  const container = table.resolve(id);
  const { changes, pause, ...names } = request;
  return parts.inTurn(container, async () => {
    const { upperDir } = deps.snapshots.get(container.id)!;
    const { config, imageId, state } = container.record;
    const mustPause = pause && state.status === "running";
    if (mustPause) await deps.runtime.pause(container.id);
    try {
      const options = { ...names, changes, parent: imageId, config: imagePart(config) };
      const createdBy = (config.Cmd ?? []).join(" ");
      const imageOfIt = await deps.images.commit(packLayer(upperDir), { ...options, createdBy });
      table.emit(container, "commit", { comment: request.comment, imageID: imageOfIt });
      return imageOfIt;
    } finally {
      if (mustPause) await deps.runtime.resume(container.id);
    }
  });
}
