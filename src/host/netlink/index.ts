/** Network interfaces, addresses and routes by rtnetlink. Entry point of the noun. */
export { addAddress, type InterfaceAddress, listAddresses } from "./addresses.ts";
export {
  type BridgeOptions,
  createBridge,
  createVethPair,
  deleteBridge,
  findLink,
  type Link,
  listLinks,
  setHairpin,
  setLinkDown,
  setLinkUp,
  type VethOptions,
} from "./links.ts";
export { type Attribute, decodeAttributes } from "./message.ts";
export { addDefaultRoute, listRoutes, type Route } from "./routes.ts";
export { NETLINK, type NetlinkRequest, NetlinkSocket, NLM } from "./socket.ts";
