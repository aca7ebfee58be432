/** systemd's notify protocol, sd_notify(3). */
import { writeSync } from "node:fs";
import { closeFd, connect, socket } from "../host/libc.ts";

const familyUnix = 1;
const datagramCloseOnExec = 2 | 0o2000000;

/** Tells the service manager `state` (`READY=1`, `STOPPING=1`), where one listens at `address` (`NOTIFY_SOCKET`). */
export function notify(address: string | undefined, state: string): void {
  if (address === undefined || address === "") return;
  const path = Buffer.from(address.startsWith("@") ? `\0${address.slice(1)}` : address);
  const name = Buffer.concat([Buffer.from([familyUnix, 0]), path]);
  const fd = socket(familyUnix, datagramCloseOnExec, 0);
  try {
    connect(fd, name);
    writeSync(fd, state);
  } finally {
    closeFd(fd);
  }
}
