import { closeSync, openSync } from "node:fs";
import { libc } from "./libc.ts";

const ioctl = libc("int ioctl(int fd, unsigned long request, _Inout_ int *flags)");
const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_TOPDIR_FL = 0x20000;

/**
 * Tells the file system that the subfolders of `path` are unrelated (chattr +T), so that ext4 spreads them over the disk.
 * Ext4 hands out no inode that was deleted in the last minutes and looks past each one: where trees are deleted and made
 * again side by side, making one takes ten times as long and more. Other file systems refuse, which is ignored.
 */
export function spreadSubfolders(path: string): void {
  const fd = openSync(path, "r");
  try {
    const flags = [0];
    if (ioctl(fd, FS_IOC_GETFLAGS, flags) === -1) return;
    ioctl(fd, FS_IOC_SETFLAGS, [flags[0]! | FS_TOPDIR_FL]);
  } finally {
    closeSync(fd);
  }
}
