/** Writes tar archives entry by entry, hostile ones too, without a file system. */

/** One entry; `name` and `target` are written as they are. */
export interface TarEntry {
  readonly name: string;
  readonly data?: string | Buffer;
  readonly type?: "file" | "directory" | "symlink" | "hardlink" | "character" | "fifo";
  readonly target?: string;
  readonly mode?: number;
  readonly uid?: number;
}

const typeFlags = { file: "0", hardlink: "1", symlink: "2", character: "3", directory: "5", fifo: "6" } as const;

function header(entry: TarEntry, size: number): Buffer {
  const { name, type = "file", target = "", mode = type === "directory" ? 0o755 : 0o644, uid = 0 } = entry;
  if (Buffer.byteLength(name) > 100 || Buffer.byteLength(target) > 100)
    throw new Error(`too long for this tar: ${name}`);
  const block = Buffer.alloc(512);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
  block.write(name, 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(uid, 8), 108);
  block.write(octal(uid, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(1_700_000_000, 12), 136);
  block.write("        ", 148);
  block.write(typeFlags[type], 156);
  block.write(target, 157);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** A whole archive of `entries`. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const data = Buffer.from(entry.data ?? "");
    return [header(entry, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
