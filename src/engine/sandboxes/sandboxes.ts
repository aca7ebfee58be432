/**
 * What a sandbox is: a named network namespace with its addresses and published ports. It has no process; containers
 * come and go inside it. Its life: created → (containers run in it) → removed.
 */
import type { PortMap } from "../../wire/docker/containers.ts";
import type { EndpointSettings } from "../../wire/docker/networks.ts";

/** What a sandbox should have. */
export interface SandboxSpec {
  /** 64 hexadecimal digits: the container's id for a container of its own. */
  readonly id: string;
  /** Names of networks to join, and how; empty for a namespace with a loopback interface only. */
  readonly networks: Readonly<Record<string, Partial<EndpointSettings>>>;
  /** What to publish, as requested by `HostConfig.PortBindings`. */
  readonly ports: PortMap;
  /** Ports such as `80/tcp` that are exposed without being published: they appear as null in {@link Sandbox.ports}. */
  readonly exposed: readonly string[];
  /** Publish every exposed port on a free one. */
  readonly publishAll: boolean;
  /** sysctl names and values of the `net.` tree to set inside. */
  readonly sysctls?: Readonly<Record<string, string>>;
}

/** A sandbox that exists. */
export interface Sandbox {
  readonly id: string;
  /** A file to join the namespace by (setns, or `path` of an OCI namespace). */
  readonly namespacePath: string;
  /** By network name: addresses, gateway, ids. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  /** Published ports with the host ports really taken; exposed ones as null. */
  readonly ports: PortMap;
}

/** All sandboxes of this engine. */
export interface Sandboxes extends AsyncDisposable {
  /**
   * Makes the namespace, joins it to its networks and publishes its ports. On any failure nothing is left.
   * Errors: not-found (network), conflict or internal with Docker's texts for ports and addresses taken.
   */
  create(spec: SandboxSpec): Promise<Sandbox>;
  get(id: string): Sandbox | undefined;
  /**
   * Takes back ports, addresses and namespace; an absent id is no error. Containers inside must have ended, unless
   * `isShared` says that some go on: they keep the namespace, without a network.
   */
  remove(id: string, options?: { readonly isShared: boolean }): Promise<void>;
  /**
   * After a start: keeps the sandboxes of `live` as they were (rules, reserved ports, addresses) and removes all others,
   * also those that a killed daemon left half-made.
   */
  reconcile(live: ReadonlySet<string>): Promise<void>;
}
