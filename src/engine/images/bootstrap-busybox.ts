import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { hasCode, unavailable } from "../../base/errors.ts";
import { encodeHeader, padding } from "../../host/tar/index.ts";

const program = "/bin/busybox";

const folders: readonly (readonly [name: string, mode: number])[] = [
  ["bin/", 0o755],
  ["dev/", 0o755],
  ["etc/", 0o755],
  ["home/", 0o755],
  ["proc/", 0o755],
  ["root/", 0o700],
  ["sys/", 0o755],
  ["tmp/", 0o1777],
  ["usr/", 0o755],
  ["usr/bin/", 0o755],
  ["usr/sbin/", 0o755],
  ["var/", 0o755],
  ["var/spool/", 0o755],
  ["var/spool/mail/", 0o755],
  ["var/www/", 0o755],
];

const files: Readonly<Record<string, string>> = {
  "etc/passwd": [
    "root:x:0:0:root:/root:/bin/sh",
    "daemon:x:1:1:daemon:/usr/sbin:/bin/false",
    "bin:x:2:2:bin:/bin:/bin/false",
    "sys:x:3:3:sys:/dev:/bin/false",
    "mail:x:8:8:mail:/var/spool/mail:/bin/false",
    "www-data:x:33:33:www-data:/var/www:/bin/false",
    "nobody:x:65534:65534:nobody:/home:/bin/false",
  ].join("\n"),
  "etc/group": [
    "root:x:0:",
    "daemon:x:1:",
    "bin:x:2:",
    "sys:x:3:",
    "tty:x:5:",
    "mail:x:8:",
    "www-data:x:33:",
    "users:x:100:",
    "nogroup:x:65534:",
  ].join("\n"),
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns",
};

function missing(cause: unknown): Error {
  return unavailable("busybox, linked statically, is needed to make this image and is not installed", {
    cause,
    hint: "apt-get install busybox-static",
  });
}

/** Whether a 64- or 32-bit little-endian ELF program asks for a dynamic linker (a PT_INTERP header). */
function isDynamic(elf: Buffer): boolean {
  const is64 = elf[4] === 2;
  const [offset, size, count] = is64
    ? [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)]
    : [elf.readUInt32LE(28), elf.readUInt16LE(42), elf.readUInt16LE(44)];
  for (let i = 0; i < count; i++) if (elf.readUInt32LE(offset + i * size) === 3) return true;
  return false;
}

/**
 * The file system of a busybox image as a tar, the same bytes for the same program. Errors: unavailable when the
 * program is missing or needs libraries.
 */
export async function busyboxArchive(): Promise<{ archive: AsyncIterable<Buffer>; time: Date }> {
  const [binary, info] = await Promise.all([readFile(program), stat(program)]).catch((error: unknown) =>
    Promise.reject(hasCode(error, "ENOENT") ? missing(error) : error),
  );
  if (isDynamic(binary)) throw missing(undefined);
  const { stdout } = await promisify(execFile)(program, ["--list"]);
  const applets = stdout.split("\n").filter((name) => name !== "" && name !== "busybox");
  const mtime = Math.floor(info.mtimeMs / 1000);

  async function* archive(): AsyncGenerator<Buffer> {
    for (const [name, mode] of folders) yield encodeHeader({ name, type: "5", size: 0, mode, mtime });
    yield encodeHeader({ name: "bin/busybox", type: "0", size: binary.length, mode: 0o755, mtime });
    yield Buffer.concat([binary, Buffer.alloc(padding(binary.length))]);
    for (const applet of applets) {
      yield encodeHeader({ name: `bin/${applet}`, type: "2", size: 0, mode: 0o777, mtime, linkName: "busybox" });
    }
    yield encodeHeader({ name: "usr/bin/env", type: "2", size: 0, mode: 0o777, mtime, linkName: "../../bin/env" });
    for (const [name, text] of Object.entries(files)) {
      const data = Buffer.from(`${text}\n`);
      yield encodeHeader({ name, type: "0", size: data.length, mode: 0o644, mtime });
      yield Buffer.concat([data, Buffer.alloc(padding(data.length))]);
    }
    yield Buffer.alloc(1024);
  }
  return { archive: archive(), time: new Date(mtime * 1000) };
}
