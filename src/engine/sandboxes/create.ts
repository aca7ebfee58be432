/**
 * Makes a sandbox. All of it happens synchronously, in about two milliseconds: creations cannot meet, and a killed
 * daemon leaves at most a namespace without a record, which reconciling removes.
 */
import { conflict, EscaleError, internal, invalid, messageOf } from "../../base/errors.ts";
import { parseAddress } from "../../base/ipv4.ts";
import type { Endpoint } from "../networks/index.ts";
import { makeNamespace } from "./namespace.ts";
import type { TakenPort } from "./port-allocator.ts";
import { type PortRequest, parsePort, parsePortRequests } from "./port-requests.ts";
import type { SandboxRecord } from "./records.ts";
import { undo } from "./remove.ts";
import type { SandboxSpec } from "./sandboxes.ts";
import { publishedPortsOf, type SandboxState } from "./state.ts";

/** Makes a sandbox and gives its record. Errors: those of {@link Sandboxes.create}; nothing is left then. */
export function createSandbox(state: SandboxState, spec: SandboxSpec): SandboxRecord {
  if (!/^[0-9a-f]{64}$/.test(spec.id)) throw invalid(`invalid sandbox id: ${spec.id}`);
  if (state.sandboxes.has(spec.id)) throw conflict(`sandbox ${spec.id} exists`);
  for (const key of spec.exposed) parsePort(key);
  const requests = parsePortRequests(spec.ports, spec.exposed, spec.publishAll);
  let record: SandboxRecord = { id: spec.id, endpoints: [], ports: [], exposed: spec.exposed };
  try {
    for (const [name, requested] of Object.entries(spec.networks)) {
      record = { ...record, endpoints: [...record.endpoints, joined(state, name, spec.id, requested)] };
    }
    if (record.endpoints.some(({ driver }) => driver === "host")) {
      if (record.endpoints.length > 1)
        throw invalid("container cannot be connected to host network and to another one");
    } else {
      const bridged = record.endpoints.find(({ driver }) => driver === "bridge");
      // Ports first: they are what fails.
      if (bridged !== undefined) record = { ...record, ports: takePorts(state, record, bridged, requests) };
      makeNamespace(state, record, spec.sysctls ?? {});
      state.firewall.publish(publishedPortsOf(record));
    }
    state.records.put(spec.id, record);
    state.sandboxes.set(spec.id, record);
    return record;
  } catch (error) {
    undo(state, record);
    throw error;
  }
}

const containerNetworking = "failed to set up container networking:";

function joined(state: SandboxState, name: string, id: string, requested: SandboxSpec["networks"][string]): Endpoint {
  try {
    return state.networks.join(name, id, requested);
  } catch (error) {
    if (!(error instanceof EscaleError) || error.kind === "invalid") throw error;
    throw new EscaleError(error.kind, `${containerNetworking} ${error.message}`, { cause: error });
  }
}

function takePorts(
  state: SandboxState,
  record: SandboxRecord,
  { settings }: Endpoint,
  requests: readonly PortRequest[],
): TakenPort[] {
  try {
    return state.ports.take(requests, parseAddress(settings.IPAddress) ?? 0);
  } catch (error) {
    const endpoint = `${state.nameOf(record.id)} (${settings.EndpointID})`;
    throw internal(
      `${containerNetworking} driver failed programming external connectivity on endpoint ${endpoint}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
