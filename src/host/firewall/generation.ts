/** The kernel's count of changes to nftables in this namespace: whether anybody touched the rules costs a few microseconds to ask. */
import { decodeAttributes, NETLINK, NetlinkSocket } from "../netlink/index.ts";

const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_GETGEN = 16;
const NFTA_GEN_ID = 1;

/** Asks for the count. */
export interface Generation extends Disposable {
  read(): number;
}

/** Opens the way to ask. */
export function openGeneration(): Generation {
  const socket = new NetlinkSocket(NETLINK.NETFILTER);
  const request = {
    type: (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN,
    flags: 0,
    // struct nfgenmsg: no family, version 0.
    header: Buffer.alloc(4),
    subject: "GETGEN",
  };
  return {
    read: () => {
      const [answer] = socket.query(request);
      return answer === undefined ? -1 : (decodeAttributes(answer.payload, 4).get(NFTA_GEN_ID)?.readUInt32BE(0) ?? -1);
    },
    [Symbol.dispose]: () => socket.close(),
  };
}
