/** Namespaces of another container: `--pid`, `--ipc` and `--network` with `container:NAME`. */
import { EscaleError, internal, invalid, isKind, messageOf } from "../../base/errors.ts";
import type { HostConfig } from "../../wire/docker/containers.ts";
import { type ContainerRecord, isRunning } from "./record.ts";
import type { Container, ContainerTable } from "./table.ts";

const prefix = "container:";

/** Which container a mode names; undefined for every other mode. */
export function donorOf(mode: string): string | undefined {
  return mode.startsWith(prefix) ? mode.slice(prefix.length) : undefined;
}

/**
 * Modes with the ids of the containers that they name, so that a rename of those does no harm. As with Docker, a name
 * that nobody has is an error for PID and IPC; for the network it is one only at the start. Errors: invalid.
 */
export function withDonorIds(table: ContainerTable, host: HostConfig): HostConfig {
  return {
    ...host,
    PidMode: withDonorId(table, host.PidMode, { mustExist: true }),
    IpcMode: withDonorId(table, host.IpcMode, { mustExist: true }),
    NetworkMode: withDonorId(table, host.NetworkMode, { mustExist: false }),
  };
}

function withDonorId(table: ContainerTable, mode: string, options: { mustExist: boolean }): string {
  const donor = donorOf(mode);
  if (donor === undefined || donor === "") return mode;
  try {
    return `${prefix}${table.resolve(donor).id}`;
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
    // As not-found the command line would take it for the image.
    if (options.mustExist) throw invalid(error.message, { cause: error });
    return mode;
  }
}

/** What a container takes from others: a namespace by its file, or nothing. */
export interface JoinedNamespaces {
  readonly pid?: string;
  readonly ipc?: string;
  /** The file system behind the other's /dev/shm. */
  readonly shm?: string;
  readonly network?: string;
  /** Whose network it is: host name and network files are shared with it. */
  readonly networkDonor?: Container;
}

function runningDonor(table: ContainerTable, reference: string): { donor: Container; pid: number } {
  if (reference === "") throw internal('invalid name or ID supplied: ""');
  const donor = table.resolve(reference);
  const { state } = donor.record;
  if (!isRunning(state) || state.process === null) throw internal(`container ${donor.id} is not running`);
  return { donor, pid: state.process.pid };
}

function within<T>(what: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    const kind = error instanceof EscaleError ? error.kind : "internal";
    throw new EscaleError(kind, `${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** The folder in which a container's shared memory is mounted, where others may join it; through donors of donors. */
function shareableMemory(table: ContainerTable, donor: Container, shmOf: (id: string) => string): string {
  const { IpcMode } = donor.record.hostConfig;
  const next = donorOf(IpcMode);
  if (next !== undefined) return shareableMemory(table, table.resolve(next), shmOf);
  if (IpcMode === "host") return "/dev/shm";
  if (IpcMode === "shareable") return shmOf(donor.id);
  throw internal(`container ${donor.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`);
}

/**
 * What a container that starts joins; `shmOf` gives where a container's shareable memory is mounted.
 * Errors, with Docker's texts: not-found, internal where the other does not run or does not share.
 */
export function joinNamespaces(
  table: ContainerTable,
  { hostConfig }: ContainerRecord,
  shmOf: (id: string) => string,
): JoinedNamespaces {
  const pid = donorOf(hostConfig.PidMode);
  const ipc = donorOf(hostConfig.IpcMode);
  const network = donorOf(hostConfig.NetworkMode);
  return {
    ...(pid !== undefined &&
      within("failed to join PID namespace", () => ({ pid: `/proc/${runningDonor(table, pid).pid}/ns/pid` }))),
    ...(ipc !== undefined &&
      within("failed to join IPC namespace", () => {
        const found = runningDonor(table, ipc);
        return { ipc: `/proc/${found.pid}/ns/ipc`, shm: shareableMemory(table, found.donor, shmOf) };
      })),
    ...(network !== undefined && joinNetwork(table, network)),
  };
}

function joinNetwork(table: ContainerTable, reference: string): Pick<JoinedNamespaces, "network" | "networkDonor"> {
  const donor = within("joining network namespace of container", () => table.resolve(reference));
  const { state, name } = donor.record;
  if (state.status === "restarting") {
    throw internal(`cannot join network namespace of a non running container: container ${name} is restarting`);
  }
  if (!isRunning(state) || state.process === null) {
    throw internal(`cannot join network namespace of a non running container: container ${name} is ${state.status}`);
  }
  return { network: `/proc/${state.process.pid}/ns/net`, networkDonor: donor };
}

/** The container whose network files a container has: its own, or those of the one whose network it shares. */
export function networkFilesOwner(table: ContainerTable, record: ContainerRecord): string {
  const seen = new Set<string>();
  let owner = record;
  while (!seen.has(owner.id)) {
    seen.add(owner.id);
    const donor = table.byId(donorOf(owner.hostConfig.NetworkMode) ?? "");
    if (donor === undefined) return owner.id;
    owner = donor.record;
  }
  return record.id;
}

/** Whether others run in a container's network. */
export function hasNetworkGuests(table: ContainerTable, { id }: Container): boolean {
  return table.visible().some(({ record }) => {
    const isGuest = record.id !== id && donorOf(record.hostConfig.NetworkMode) !== undefined;
    return isGuest && isRunning(record.state) && networkFilesOwner(table, record) === id;
  });
}
