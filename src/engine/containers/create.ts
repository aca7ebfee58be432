import { mkdir, rm } from "node:fs/promises";
import { availableParallelism, hostname as hostNameOfMachine } from "node:os";
import { nowNanos, rfc3339Nano } from "../../base/clock.ts";
import { invalid, notFound } from "../../base/errors.ts";
import { newId, shortId } from "../../base/ids.ts";
import type { ContainerCreateRequest, ContainerCreateResponse } from "../../wire/docker/containers.ts";
import { emptyEndpoint } from "../../wire/docker/networks.ts";
import { checkCapabilities, checkMounts, checkSecurityOptions } from "../spec/index.ts";
import { mountPointsOf } from "./binds.ts";
import { commandOf, completeHostConfig, mergeConfig } from "./container-config.ts";
import type { ContainersDeps } from "./deps.ts";
import { checkName, makeUpName } from "./names.ts";
import { pathsOf } from "./paths.ts";
import { createdState } from "./record.ts";
import { refuseImpossible } from "./refuse.ts";
import { donorOf, withDonorIds } from "./shared-namespaces.ts";
import type { ContainerTable } from "./table.ts";

function refuseForeignPlatform(image: { os: string; architecture: string }, wanted: string, reference: string): void {
  if (wanted === "") return;
  const [os, architecture] = wanted.includes("/") ? wanted.split("/") : [wanted, image.architecture];
  if (os !== image.os || (architecture !== undefined && architecture !== image.architecture)) {
    throw notFound(
      `image with reference ${reference} was found but its platform (${image.os}/${image.architecture}) does not match the specified platform (${wanted})`,
    );
  }
}

/**
 * Makes a container that does not run. On failure nothing is left of it.
 * Source: ContainerCreate of the Engine API. Errors: invalid, not-found, conflict, unsupported.
 */
export async function create(
  deps: ContainersDeps,
  table: ContainerTable,
  request: ContainerCreateRequest,
  options: { name: string; platform: string },
): Promise<ContainerCreateResponse> {
  const requestedName = options.name === "" ? undefined : checkName(options.name);
  const host = withDonorIds(table, completeHostConfig(request.HostConfig ?? {}, deps.defaults));
  const image = deps.images.resolve(request.Image ?? "");
  refuseForeignPlatform(image.config, options.platform, request.Image ?? "");
  // Most containers are started right after.
  deps.runtime.expect();
  const id = newId();
  const hostname = host.UTSMode === "host" || host.NetworkMode === "host" ? hostNameOfMachine() : shortId(id);
  const config = mergeConfig(request, image.config.config ?? {}, hostname);
  refuseImpossible(request, config, host, availableParallelism());
  if (host.UTSMode === "host" && request.Hostname) {
    throw invalid("conflicting options: hostname and the UTS mode");
  }
  checkCapabilities(host);
  checkSecurityOptions(host);
  const mounts = mountPointsOf(host);
  checkMounts(host);
  const name = requestedName ?? makeUpName((each) => table.isNameTaken(each));
  table.reserve(name, id);
  const paths = pathsOf(deps.instance, id);
  try {
    await Promise.all([mkdir(paths.folder, { recursive: true, mode: 0o710 }), deps.snapshots.create(id, image.layers)]);
    const endpoints = request.NetworkingConfig?.EndpointsConfig ?? {};
    const endpoint = { ...emptyEndpoint, ...endpoints[host.NetworkMode], ...endpoints.default };
    const { path, args } = commandOf(config);
    const container = table.add({
      id,
      name,
      createdAt: rfc3339Nano(nowNanos()),
      path,
      args,
      imageId: image.id,
      layers: image.layers,
      config,
      hostConfig: host,
      endpoints: donorOf(host.NetworkMode) === undefined ? { [host.NetworkMode]: endpoint } : {},
      mounts,
      state: createdState,
      restartCount: 0,
      wasStoppedByUser: false,
    });
    table.emit(container, "create");
    return { Id: id, Warnings: [] };
  } catch (error) {
    table.release(name);
    await Promise.allSettled([rm(paths.folder, { recursive: true, force: true }), deps.snapshots.remove(id)]);
    throw error;
  }
}
