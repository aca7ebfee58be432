/** IPv4 routes: RTM_*ROUTE of rtnetlink(7). */
import { addressBytes, type Subnet } from "../../base/ipv4.ts";
import { decodeAttributes, readNumber } from "./message.ts";
import { type NetlinkSocket, NLM } from "./socket.ts";

const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTA = { DST: 1, OIF: 4, GATEWAY: 5, TABLE: 15 } as const;
const AF_INET = 2;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RTN_UNICAST = 1;

/** A route of the main table. */
export interface Route {
  /** Where it leads; a prefix of 0 is the default route. */
  readonly destination: Subnet;
  /** Index of the interface; 0 where the route names several or none. */
  readonly link: number;
}

/** struct rtmsg. */
function routeHeader(type: number): Buffer {
  return Buffer.from([AF_INET, 0, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, 0, type, 0, 0, 0, 0]);
}

/** Sends everything that has no other route to `gateway`. Errors: EEXIST, ENETUNREACH when nothing leads to it. */
export function addDefaultRoute(socket: NetlinkSocket, gateway: number): void {
  socket.change({
    type: RTM_NEWROUTE,
    flags: NLM.CREATE | NLM.EXCL,
    header: routeHeader(RTN_UNICAST),
    attributes: [{ type: RTA.GATEWAY, value: addressBytes(gateway) }],
    subject: "NEWROUTE default",
  });
}

/** The routes of the main table. */
export function listRoutes(socket: NetlinkSocket): Route[] {
  const request = { type: RTM_GETROUTE, flags: NLM.DUMP, header: routeHeader(0), subject: "GETROUTE" };
  const routes: Route[] = [];
  for (const { payload } of socket.query(request)) {
    const attributes = decodeAttributes(payload, 12);
    const table = attributes.get(RTA.TABLE);
    if ((table === undefined ? payload.readUInt8(4) : readNumber(table, 0, 4)) !== RT_TABLE_MAIN) continue;
    const link = attributes.get(RTA.OIF);
    routes.push({
      destination: {
        address: attributes.get(RTA.DST)?.readUInt32BE(0) ?? 0,
        prefixLength: payload.readUInt8(1),
      },
      link: link === undefined ? 0 : readNumber(link, 0, 4),
    });
  }
  return routes;
}
