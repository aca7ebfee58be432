import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { nowNanos, rfc3339Nano } from "../../base/clock.ts";
import { conflict, EscaleError, messageOf, notModified } from "../../base/errors.ts";
import type { RuntimeProcess } from "../../host/runtime/index.ts";
import type { Sandbox } from "../sandboxes/index.ts";
import { toRuntimeSpec } from "../spec/index.ts";
import type { ContainersDeps } from "./deps.ts";
import { hostsFile, resolvConfFile } from "./network-files.ts";
import { type ContainerPaths, pathsOf } from "./paths.ts";
import { type ContainerRecord, isChecked, isRunning } from "./record.ts";
import { removeInTurn } from "./remove.ts";
import { joinNamespaces, networkFilesOwner } from "./shared-namespaces.ts";
import { mountShm, unmountShm } from "./shm.ts";
import type { Container, ContainerTable } from "./table.ts";

function openSandbox(deps: ContainersDeps, record: ContainerRecord): Promise<Sandbox> {
  const { hostConfig, config } = record;
  const exposed = Object.keys(config.ExposedPorts ?? {});
  const sysctls = Object.fromEntries(
    Object.entries(hostConfig.Sysctls ?? {}).filter(([key]) => key.startsWith("net.")),
  );
  return deps.sandboxes.create({
    id: record.id,
    networks: config.NetworkDisabled ? {} : record.endpoints,
    // Docker publishes only what is exposed too; its command line always exposes what it publishes.
    ports: Object.fromEntries(Object.entries(hostConfig.PortBindings).filter(([port]) => exposed.includes(port))),
    exposed,
    publishAll: hostConfig.PublishAllPorts,
    sysctls,
  });
}

function writeNetworkFiles(record: ContainerRecord, paths: ContainerPaths, sandbox: Sandbox): void {
  const { config, hostConfig } = record;
  const address = Object.values(sandbox.endpoints).find((each) => each.IPAddress !== "")?.IPAddress;
  const host = hostConfig.NetworkMode === "host";
  // Synchronous on purpose: three calls of some 30 µs, where each round through the thread pool takes far more.
  writeFileSync(paths.hostname, `${config.Hostname}\n`);
  writeFileSync(paths.hosts, host ? readFileSync("/etc/hosts", "utf8") : hostsFile(config, hostConfig, address));
  writeFileSync(paths.resolvConf, resolvConfFile(hostConfig));
}

/** Gives a container a network of its own, with its files; undefined when it has the host's. */
async function openOwnNetwork(
  deps: ContainersDeps,
  record: ContainerRecord,
  paths: ContainerPaths,
): Promise<string | undefined> {
  const sandbox = await openSandbox(deps, record);
  writeNetworkFiles(record, paths, sandbox);
  return record.hostConfig.NetworkMode === "host" ? undefined : sandbox.namespacePath;
}

/** Who shares a network has its names too. */
function takeNames(table: ContainerTable, container: Container, donor: Container): void {
  const { Hostname, Domainname } = donor.record.config;
  const { config } = container.record;
  if (config.Hostname === Hostname && config.Domainname === Domainname) return;
  table.update(container, { config: { ...config, Hostname, Domainname } });
}

/** What must be undone, last first, when a start fails half-way. */
type Undo = () => Promise<unknown>;

async function launch(
  deps: ContainersDeps,
  table: ContainerTable,
  container: Container,
  undo: Undo[],
): Promise<RuntimeProcess> {
  const joined = joinNamespaces(table, container.record, (each) => pathsOf(deps.instance, each).shm);
  if (joined.networkDonor !== undefined) takeNames(table, container, joined.networkDonor);
  const { record } = container;
  const { id, hostConfig, config } = record;
  const paths = pathsOf(deps.instance, id);
  undo.push(() => deps.snapshots.unmount(id));
  mkdirSync(paths.bundle, { recursive: true, mode: 0o700 });
  const snapshot = await deps.snapshots.mount(id, { isVolatile: hostConfig.AutoRemove });
  undo.push(() => deps.sandboxes.remove(id));
  const networkNamespacePath = joined.network ?? (await openOwnNetwork(deps, record, paths));
  undo.push(async () => unmountShm(paths));
  const shm = hostConfig.IpcMode === "shareable" ? mountShm(paths, hostConfig.ShmSize) : joined.shm;
  const files = pathsOf(deps.instance, networkFilesOwner(table, record));
  const spec = await toRuntimeSpec({
    instance: deps.instance,
    id,
    config,
    hostConfig,
    path: record.path,
    args: record.args,
    rootfs: snapshot.mountPoint,
    networkNamespacePath,
    pidNamespacePath: joined.pid,
    ipcNamespacePath: joined.ipc,
    shmPath: shm,
    hostnamePath: files.hostname,
    hostsPath: files.hosts,
    resolvConfPath: files.resolvConf,
  });
  await deps.runtime.writeSpec(paths.bundle, spec);
  undo.push(() => deps.runtime.delete(id));
  const [height, width] = hostConfig.ConsoleSize;
  const process = await deps.runtime.create({
    id,
    bundle: paths.bundle,
    logPath: hostConfig.LogConfig.Type === "none" ? null : paths.log,
    tty: config.Tty,
    openStdin: config.OpenStdin,
    // On a terminal nobody ends standard input: a client that detaches comes back.
    leaveStdinOpen: config.OpenStdin && (config.Tty || !config.StdinOnce),
    ...(config.Tty && height > 0 && width > 0 && { size: { width, height } }),
  });
  for (const pending of container.pendingAttachments) {
    pending.connected((await deps.runtime.attach(id, paths.bundle)).socket);
  }
  container.pendingAttachments.clear();
  return process;
}

/** Docker's code for a container that could not be started at all. */
const cannotStart = 128;

function exitCodeOf(error: unknown): number {
  const code = error instanceof EscaleError ? error.details.exitCode : undefined;
  return typeof code === "number" ? code : cannotStart;
}

/**
 * Runs a container's program; the caller holds the container's turn. On failure the container is as before, with the
 * error and exit code in its state.
 */
export async function startInTurn(deps: ContainersDeps, table: ContainerTable, container: Container): Promise<void> {
  const undo: Undo[] = [];
  container.ended = Promise.withResolvers();
  container.dying = Promise.withResolvers();
  try {
    const process = await launch(deps, table, container, undo);
    // The record comes first: a daemon killed between the two finds a process that it knows.
    const at = rfc3339Nano(nowNanos());
    const started = { type: "started", process, at, isChecked: isChecked(container.record) } as const;
    table.apply(container, started, { wasStoppedByUser: false });
    await deps.runtime.start(container.id, pathsOf(deps.instance, container.id).bundle);
    table.emit(container, "start");
  } catch (error) {
    for (const pending of container.pendingAttachments) pending.cancelled();
    container.pendingAttachments.clear();
    for (const step of undo.reverse()) {
      await step().catch((cause: unknown) => deps.log.warn("undoing a start", { id: container.id, error: cause }));
    }
    table.apply(container, { type: "start-failed", exitCode: exitCodeOf(error), error: messageOf(error) });
    table.emit(container, "die", { exitCode: String(exitCodeOf(error)) });
    container.ended.resolve();
    if (container.record.hostConfig.AutoRemove) await removeInTurn(deps, table, container);
    throw error;
  }
}

/** Errors: not-modified when it runs, conflict when it is paused; else what {@link startInTurn} throws. */
export function refuseToStart(container: Container): void {
  const { state } = container.record;
  if (state.status === "paused") throw conflict("cannot start a paused container, try unpause instead");
  if (isRunning(state)) throw notModified("container is already running");
  if (state.status === "removing" || state.status === "dead") {
    throw conflict("container is marked for removal and cannot be started");
  }
}
