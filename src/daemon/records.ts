/** The engine's records in the one store: which kinds there are, and the narrow faces that the nouns take. */
import type { ContainerRecord, ContainerStore } from "../engine/containers/index.ts";
import type { NetworkState, NetworkStorage } from "../engine/networks/index.ts";
import type { SandboxRecord, SandboxRecords } from "../engine/sandboxes/index.ts";
import { type Records, recordKind } from "../storage/records/index.ts";
import type { ContainerStatus } from "../wire/docker/containers.ts";

const containerKind = recordKind<ContainerRecord>("container");
const sandboxKind = recordKind<SandboxRecord>("sandbox");
const networkKind = recordKind<NetworkState>("network-state");
const onlyOne = "default";

/** Records of containers; names and states are kept in memory beside them. */
export function containerRecords(
  records: Records,
): ContainerStore & { nameOf(id: string): string | undefined; states(): ContainerStatus[] } {
  const all = (): ContainerRecord[] => records.view((tx) => tx.list(containerKind).map(({ value }) => value));
  const seen = new Map(all().map((record) => [record.id, { name: record.name, status: record.state.status }]));
  return {
    all,
    put: (record) => {
      records.update((tx) => tx.put(containerKind, record.id, record));
      seen.set(record.id, { name: record.name, status: record.state.status });
    },
    delete: (id) => {
      records.update((tx) => tx.delete(containerKind, id));
      seen.delete(id);
    },
    nameOf: (id) => seen.get(id)?.name,
    states: () => [...seen.values()].map(({ status }) => status).filter((status) => status !== "removing"),
  };
}

/** Records of sandboxes. */
export function sandboxRecords(records: Records): SandboxRecords {
  return {
    put: (id, record) => records.update((tx) => tx.put(sandboxKind, id, record)),
    delete: (id) => void records.update((tx) => tx.delete(sandboxKind, id)),
    all: () => records.view((tx) => tx.list(sandboxKind).map(({ value }) => value)),
  };
}

/** The built-in networks' state. */
export function networkRecords(records: Records): NetworkStorage {
  return {
    load: () => records.view((tx) => tx.get(networkKind, onlyOne)?.value),
    save: (state) => records.update((tx) => tx.put(networkKind, onlyOne, state)),
  };
}
