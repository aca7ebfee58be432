/** Opens the networks of an engine. */

import { forbidden, hasCode, internal, invalid, notFound } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { formatAddress, formatSubnet, parseAddress, parseCidr } from "../../base/ipv4.ts";
import type { Logger } from "../../base/logger.ts";
import type { Firewall } from "../../host/firewall/index.ts";
import type { Instance } from "../../host/instance.ts";
import { deleteBridge, findLink, NETLINK, NetlinkSocket } from "../../host/netlink/index.ts";
import type { EndpointSettings, NetworkContainer } from "../../wire/docker/networks.ts";
import { type AddressPool, openAddressPool } from "./address-pool.ts";
import { collisionOf, ensureBridge, macOf, subnetsInUse } from "./bridge.ts";
import {
  type BuiltInName,
  describe,
  driverOf,
  type NetworkState,
  type NetworkStorage,
  newNetworkState,
} from "./built-in.ts";
import type { Endpoint, NetworkAttachments, Networks } from "./networks.ts";
import { chooseSubnet, defaultPools, type SubnetPool } from "./subnets.ts";

/** What the networks need. */
export interface NetworkDeps {
  readonly instance: Instance;
  readonly firewall: Firewall;
  readonly storage: NetworkStorage;
  /** A container's name without slash, for inspect and messages; the id itself where there is none. */
  readonly nameOf: (sandboxId: string) => string;
  readonly log: Logger;
}

/** What an operator may set, by the keys of daemon.json. */
export interface NetworkOptions {
  /** Gateway and subnet of the default bridge: `172.26.0.1/16`. */
  readonly bip?: string;
  readonly "default-address-pools"?: readonly SubnetPool[];
  readonly mtu?: number;
}

const names: readonly BuiltInName[] = ["bridge", "host", "none"];

/** Docker's refusal of `--ip` on networks that have no subnet of the user's choice. */
export function addressNotAllowed(network: string): Error {
  return invalid(
    `invalid config for network ${network}: invalid endpoint settings:\n` +
      "* user specified IP address is supported on user defined networks only\n" +
      "* user specified IP address is supported only when connecting to networks with user configured subnets",
  );
}

/** Opens the networks; nothing is made on the host yet. Errors: invalid for bad options, internal when no subnet is free. */
export async function openNetworks(
  deps: NetworkDeps,
  options: NetworkOptions = {},
): Promise<Networks & NetworkAttachments> {
  const bridgeName = `${deps.instance.tag}0`;
  const mtu = options.mtu ?? 1500;
  const socket = new NetlinkSocket(NETLINK.ROUTE);
  const endpoints = new Map<string, Endpoint>();
  let pool: AddressPool;
  let bridgeLink: number | undefined;

  const chooseBridge = (): NetworkState["bridge"] => {
    if (options.bip !== undefined) {
      const fixed = parseCidr(options.bip);
      if (fixed === undefined || fixed.subnet.prefixLength > 30 || fixed.address === fixed.subnet.address) {
        throw invalid(`invalid CIDR address: ${options.bip}`);
      }
      return { subnet: fixed.subnet, gateway: fixed.address };
    }
    const inUse = subnetsInUse(socket, bridgeName);
    const subnet = chooseSubnet(options["default-address-pools"] ?? defaultPools, inUse);
    if (subnet === undefined) throw internal("all predefined address pools have been fully subnetted");
    return { subnet, gateway: subnet.address + 1 };
  };
  let state: NetworkState;
  const setState = (next: NetworkState): void => {
    deps.storage.save(next);
    state = next;
    pool = openAddressPool(next.bridge.subnet, [next.bridge.gateway]);
  };
  try {
    const kept = deps.storage.load();
    state = kept ?? newNetworkState(chooseBridge());
    setState(kept !== undefined && options.bip !== undefined ? { ...kept, bridge: chooseBridge() } : state);
  } catch (error) {
    socket.close();
    throw error;
  }

  const find = (nameOrId: string): BuiltInName => {
    const exact = names.find((name) => name === nameOrId || state.networks[name].id === nameOrId);
    if (exact !== undefined) return exact;
    const [match, ...others] = names.filter((name) => state.networks[name].id.startsWith(nameOrId));
    if (match === undefined || nameOrId === "") throw notFound(`network ${nameOrId} not found`);
    if (others.length > 0)
      throw invalid(`network ${nameOrId} is ambiguous (${others.length + 1} matches found on ID prefix)`);
    return match;
  };
  const onBridge = (): Endpoint[] => [...endpoints.values()].filter(({ driver }) => driver === "bridge");
  const key = ({ sandboxId, network }: Pick<Endpoint, "sandboxId" | "network">): string => `${sandboxId} ${network}`;
  const containersOf = (network: BuiltInName): Record<string, NetworkContainer> =>
    Object.fromEntries(
      [...endpoints.values()]
        .filter((endpoint) => endpoint.network === network)
        .map(({ sandboxId, settings }) => [
          sandboxId,
          {
            Name: deps.nameOf(sandboxId),
            EndpointID: settings.EndpointID,
            MacAddress: settings.MacAddress,
            IPv4Address: settings.IPAddress === "" ? "" : `${settings.IPAddress}/${settings.IPPrefixLen}`,
            IPv6Address: "",
          },
        ]),
    );
  /** A subnet chosen while nothing was on the bridge may have come into use since: by a VPN, by another engine. */
  const avoidCollision = (): void => {
    if (options.bip !== undefined || onBridge().length > 0) return;
    const collision = collisionOf(state.bridge.subnet, subnetsInUse(socket, bridgeName));
    if (collision === undefined) return;
    removeBridge();
    const bridge = chooseBridge();
    const change = { from: formatSubnet(state.bridge.subnet), to: formatSubnet(bridge.subnet), because: collision };
    deps.log.warn("the default bridge moves to another subnet", change);
    setState({ ...state, bridge });
  };
  const removeBridge = (): void => {
    bridgeLink = undefined;
    const link = findLink(socket, bridgeName)?.index;
    if (link === undefined) return;
    try {
      deleteBridge(socket, link);
    } catch (error) {
      if (!hasCode(error, "ENODEV")) throw error;
    }
  };

  return {
    list: () => names.map((name) => describe(name, state, { name: bridgeName, mtu })),
    inspect: (nameOrId) => {
      const name = find(nameOrId);
      return { ...describe(name, state, { name: bridgeName, mtu }), Containers: containersOf(name) };
    },
    join: (nameOrId, sandboxId, requested) => {
      const network = find(nameOrId);
      const driver = driverOf[network];
      if (requested.IPAMConfig?.IPv4Address) throw addressNotAllowed(network);
      const wantedMac = requested.MacAddress ?? "";
      if (wantedMac !== "" && !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(wantedMac))
        throw invalid(`address ${wantedMac}: invalid MAC address`);
      if (endpoints.has(key({ sandboxId, network }))) {
        throw forbidden(`endpoint with name ${deps.nameOf(sandboxId)} already exists in network ${network}`);
      }
      if (driver === "bridge") avoidCollision();
      const address = driver === "bridge" ? pool.take() : undefined;
      const { subnet, gateway } = state.bridge;
      const settings: EndpointSettings = {
        IPAMConfig: requested.IPAMConfig ?? null,
        Links: requested.Links ?? null,
        Aliases: requested.Aliases ?? null,
        MacAddress: address === undefined ? "" : wantedMac || macOf(address),
        DriverOpts: requested.DriverOpts ?? null,
        GwPriority: requested.GwPriority ?? 0,
        NetworkID: state.networks[network].id,
        EndpointID: newId(),
        Gateway: address === undefined ? "" : formatAddress(gateway),
        IPAddress: address === undefined ? "" : formatAddress(address),
        IPPrefixLen: address === undefined ? 0 : subnet.prefixLength,
        IPv6Gateway: "",
        GlobalIPv6Address: "",
        GlobalIPv6PrefixLen: 0,
        DNSNames: null,
      };
      const endpoint: Endpoint = { sandboxId, network, driver, settings };
      endpoints.set(key(endpoint), endpoint);
      return endpoint;
    },
    leave: (endpoint) => {
      if (!endpoints.delete(key(endpoint))) return;
      const address = parseAddress(endpoint.settings.IPAddress);
      if (address !== undefined) pool.free(address);
    },
    adopt: (endpoint) => {
      const address = parseAddress(endpoint.settings.IPAddress);
      if (address !== undefined) {
        try {
          pool.takeThis(address);
        } catch (error) {
          deps.log.warn("an endpoint's address is not its network's", { sandbox: endpoint.sandboxId, error });
        }
      }
      endpoints.set(key(endpoint), endpoint);
    },
    segmentOf: ({ driver }) => {
      if (driver !== "bridge") return undefined;
      const { subnet, gateway } = state.bridge;
      if (bridgeLink === undefined || findLink(socket, bridgeName)?.index !== bridgeLink) {
        bridgeLink = ensureBridge(socket, { name: bridgeName, subnet, gateway, mtu });
      }
      deps.firewall.addBridge({ name: bridgeName, subnet });
      return { bridge: bridgeName, link: bridgeLink, gateway, prefixLength: subnet.prefixLength, mtu };
    },
    bridgesInUse: () => (onBridge().length === 0 ? [] : [{ name: bridgeName, subnet: state.bridge.subnet }]),
    [Symbol.asyncDispose]: async () => {
      if (onBridge().length === 0) removeBridge();
      socket.close();
    },
  };
}
