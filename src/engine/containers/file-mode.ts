import { constants } from "node:fs";

const typeBits: readonly (readonly [type: number, bits: number])[] = [
  [constants.S_IFDIR, 2 ** 31],
  [constants.S_IFLNK, 2 ** 27],
  [constants.S_IFBLK, 2 ** 26],
  [constants.S_IFCHR, 2 ** 26 + 2 ** 21],
  [constants.S_IFIFO, 2 ** 25],
  [constants.S_IFSOCK, 2 ** 24],
];

const specialBits: readonly (readonly [mode: number, bits: number])[] = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
];

/** A mode of stat(2) as Go's `os.FileMode` numbers it, which is what Docker's API carries. Pure. */
export function fileModeOf(mode: number): number {
  const [, type] = typeBits.find(([bits]) => (mode & constants.S_IFMT) === bits) ?? [0, 0];
  return specialBits.reduce((sum, [bit, bits]) => sum + ((mode & bit) === 0 ? 0 : bits), (mode & 0o777) + type);
}
