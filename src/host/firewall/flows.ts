/**
 * Flows that connection tracking remembers. A UDP client that keeps sending from one port would otherwise go on by the
 * translation, or the lack of one, that its first packet met.
 */
import { hasCode } from "../../base/errors.ts";
import { type Attribute, decodeAttributes, NETLINK, NetlinkSocket, NLM } from "../netlink/index.ts";

const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT_GET = 1;
const IPCTNL_MSG_CT_DELETE = 2;
const CTA = { TUPLE_ORIG: 1, ID: 12, FILTER: 25 } as const;
const CTA_FILTER_ORIG_FLAGS = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_PROTO = { NUM: 1, DST_PORT: 3 } as const;
const FILTER_PROTO_NUM = 1 << 3;
const FILTER_DST_PORT = 1 << 5;
const NLA_F_NESTED = 0x8000;
const AF_INET = 2;
const IPPROTO_UDP = 17;

/** struct nfgenmsg. */
const header = Buffer.from([AF_INET, 0, 0, 0]);

function filterFor(port: number): Attribute[] {
  const destination = Buffer.alloc(2);
  destination.writeUInt16BE(port);
  const protocol = [
    { type: CTA_PROTO.NUM, value: Buffer.from([IPPROTO_UDP]) },
    { type: CTA_PROTO.DST_PORT, value: destination },
  ];
  const flags = Buffer.from(Uint32Array.of(FILTER_PROTO_NUM | FILTER_DST_PORT).buffer);
  return [
    { type: CTA.FILTER | NLA_F_NESTED, value: [{ type: CTA_FILTER_ORIG_FLAGS, value: flags }] },
    { type: CTA.TUPLE_ORIG | NLA_F_NESTED, value: [{ type: CTA_TUPLE_PROTO | NLA_F_NESTED, value: protocol }] },
  ];
}

/** Makes the kernel forget the UDP flows to a port of this host. Best effort: kernels before 5.8 list all flows first. */
export function forgetUdpFlows(port: number): void {
  using socket = new NetlinkSocket(NETLINK.NETFILTER);
  const call = (message: number): number => (NFNL_SUBSYS_CTNETLINK << 8) | message;
  try {
    const flows = socket.query({
      type: call(IPCTNL_MSG_CT_GET),
      flags: NLM.DUMP,
      header,
      attributes: filterFor(port),
      subject: "list flows",
    });
    for (const { payload } of flows) {
      const flow = decodeAttributes(payload, 4);
      const tuple = flow.get(CTA.TUPLE_ORIG);
      const id = flow.get(CTA.ID);
      if (tuple === undefined || id === undefined || !isUdpTo(tuple, port)) continue;
      const attributes = [
        { type: CTA.TUPLE_ORIG | NLA_F_NESTED, value: tuple },
        { type: CTA.ID, value: id },
      ];
      socket.change({ type: call(IPCTNL_MSG_CT_DELETE), flags: 0, header, attributes, subject: "forget a flow" });
    }
  } catch (error) {
    // A flow that ended by itself, or a kernel that does not track connections.
    if (!hasCode(error, "ENOENT", "EINVAL", "EOPNOTSUPP", "EPROTONOSUPPORT")) throw error;
  }
}

function isUdpTo(tuple: Buffer, port: number): boolean {
  const protocol = decodeAttributes(decodeAttributes(tuple, 0).get(CTA_TUPLE_PROTO) ?? Buffer.alloc(0), 0);
  return (
    protocol.get(CTA_PROTO.NUM)?.readUInt8(0) === IPPROTO_UDP &&
    protocol.get(CTA_PROTO.DST_PORT)?.readUInt16BE(0) === port
  );
}
