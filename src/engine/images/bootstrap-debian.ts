import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { hasCode, internal, unavailable } from "../../base/errors.ts";
import { aptSources } from "./apt-sources.ts";

const release = "bookworm";

// What the slim variant of Debian's own images leaves out too.
const leftOut = ["/usr/share/doc/*", "/usr/share/info/*", "/usr/share/man/*", "/usr/share/locale/*"];

// mmdebstrap copies this machine's name and name servers in: a container gets its own.
const cleanUp =
  'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*.log "$1"/var/log/apt "$1"/var/cache/debconf/*-old "$1"/etc/hostname "$1"/etc/resolv.conf';

async function sourceFiles(folder: string): Promise<string[]> {
  const { stanzas, lines } = await aptSources(release);
  const paths: string[] = [];
  for (const [name, text] of [
    ["debian.sources", stanzas],
    ["debian.list", lines],
  ] as const) {
    if (text === "") continue;
    await writeFile(join(folder, name), text);
    paths.push(join(folder, name));
  }
  return paths;
}

async function run(args: readonly string[], tell: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const child = spawn("mmdebstrap", args, { stdio: ["ignore", "ignore", "pipe"], ...(signal && { signal }) });
  const last: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (/^[IWE]: /.test(line)) tell(line.slice(3));
    last.push(line);
    if (last.length > 5) last.shift();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error;
    throw unavailable("mmdebstrap is needed to make this image and is not installed", {
      cause: error,
      hint: "apt-get install mmdebstrap",
    });
  });
  if (code !== 0) throw internal(`mmdebstrap failed: ${last.join("; ")}`);
}

/**
 * The file system of a minimal Debian 12, made by mmdebstrap from this machine's own package sources and kept in
 * `cacheFolder` for the next time. Errors: unavailable when mmdebstrap is missing, internal when it fails.
 */
export async function debianArchive(
  cacheFolder: string,
  tell: (line: string) => void,
  signal?: AbortSignal,
): Promise<{ archive: AsyncIterable<Buffer>; time: Date }> {
  const cached = join(cacheFolder, `debian-${release}-${process.arch}.tar`);
  await mkdir(cacheFolder, { recursive: true });
  const isThere = await stat(cached).then(
    () => true,
    (error: unknown) => (hasCode(error, "ENOENT") ? false : Promise.reject(error)),
  );
  if (!isThere) {
    const folder = await mkdtemp(join(cacheFolder, "tmp-"));
    try {
      const target = join(folder, "root.tar");
      const excluded = leftOut.map((path) => `--dpkgopt=path-exclude=${path}`);
      const options = ["--mode=root", "--variant=minbase", "--format=tar", ...excluded];
      options.push("--dpkgopt=path-include=/usr/share/doc/*/copyright", `--customize-hook=${cleanUp}`);
      await run([...options, release, target, ...(await sourceFiles(folder))], tell, signal);
      await rename(target, cached);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } else tell(`using ${cached}`);
  const info = await stat(cached);
  return { archive: createReadStream(cached, { highWaterMark: 1 << 16 }), time: info.mtime };
}
