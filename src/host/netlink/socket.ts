/**
 * A netlink socket, used synchronously: the kernel has answered by the time that send(2) returns. It belongs for ever
 * to the network namespace in which it was opened.
 */
import { check, closeFd, libc, SystemCallError, socket } from "../libc.ts";
import {
  type Attribute,
  decodeAttributes,
  decodeMessages,
  encodeMessage,
  type Message,
  number,
  readNumber,
  readText,
} from "./message.ts";

const send = libc("intptr_t send(int fd, const void *data, size_t length, int flags)");
const recv = libc("intptr_t recv(int fd, void *data, size_t length, int flags)");
const setsockopt = libc("int setsockopt(int fd, int level, int option, const void *value, unsigned int length)");

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_NETLINK = 270;
const NETLINK_EXT_ACK = 11;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_CAPPED = 0x100;

/** Flags of a request. */
export const NLM = { REQUEST: 1, ACK: 4, EXCL: 0x200, CREATE: 0x400, DUMP: 0x300 } as const;

/** Netlink families. */
export const NETLINK = { ROUTE: 0, NETFILTER: 12 } as const;

/** One request of a netlink family. */
export interface NetlinkRequest {
  readonly type: number;
  /** Flags besides NLM_F_REQUEST. */
  readonly flags: number;
  /** The family's own header, such as `struct ifinfomsg`. */
  readonly header: Uint8Array;
  readonly attributes?: readonly Attribute[];
  /** What it is about, for the message of an error: `NEWLINK escale0`. */
  readonly subject: string;
}

// Calls are synchronous, so that one buffer serves every socket; the kernel's datagrams have at most 32 KiB.
const received = Buffer.alloc(32 * 1024);

/** An open netlink socket. Errors of every call: {@link SystemCallError} with the errno that the kernel answered. */
export class NetlinkSocket implements Disposable {
  readonly #fd: number;
  #sequence = 0;
  #isOpen = true;

  constructor(family: number) {
    this.#fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
    // Only for better messages: kernels before 4.12 lack it.
    setsockopt(this.#fd, SOL_NETLINK, NETLINK_EXT_ACK, number(4, 1), 4);
  }

  /** Asks for a change and throws if the kernel refuses it. */
  change(request: NetlinkRequest): void {
    this.#exchange({ ...request, flags: request.flags | NLM.ACK });
  }

  /** Asks for one object or, with the dump flags, for a list of them. */
  query(request: NetlinkRequest): Message[] {
    return this.#exchange(request);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeFd(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #exchange({ type, flags, header, attributes = [], subject }: NetlinkRequest): Message[] {
    this.#sequence += 1;
    const message = encodeMessage(type, flags | NLM.REQUEST, this.#sequence, header, attributes);
    check(send(this.#fd, message, message.length, 0), "netlink send", subject);
    const isDump = (flags & NLM.DUMP) === NLM.DUMP;
    const answers: Message[] = [];
    for (;;) {
      const length = check(recv(this.#fd, received, received.length, 0), "netlink receive", subject);
      // The buffer is used again: what is kept must be a copy.
      for (const answer of decodeMessages(Buffer.from(received.subarray(0, length)))) {
        if (answer.sequence !== this.#sequence) continue;
        if (answer.type === NLMSG_ERROR) {
          throwIfError(answer, subject);
          return answers;
        }
        if (answer.type === NLMSG_DONE) return answers;
        answers.push(answer);
      }
      if (!isDump && (flags & NLM.ACK) === 0 && answers.length > 0) return answers;
    }
  }
}

/** Throws unless the answer acknowledges; the kernel's own sentence about the error is added where it gives one. */
function throwIfError(answer: Message, subject: string): void {
  const errno = -answer.payload.readInt32LE(0);
  if (errno === 0) return;
  const echoed = answer.flags & NLM_F_CAPPED ? 16 : readNumber(answer.payload, 4, 4);
  const sentence = decodeAttributes(answer.payload, 4 + echoed).get(1);
  throw new SystemCallError("netlink", errno, sentence === undefined ? subject : `${subject} (${readText(sentence)})`);
}
