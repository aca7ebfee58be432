/**
 * Docker's programs from Debian's packages, unpacked into a cache folder: nothing is installed on the machine. The
 * packages come from the mirror that the machine's own apt uses.
 *
 *     CACHE/clients/       docker, and its plugins compose and buildx, from sid
 *     CACHE/reference/     dockerd 28.5 and containerd, from sid
 *     CACHE/peer/          Debian 12's own dockerd 20.10, containerd and runc
 *
 * CACHE is /var/cache/escale/reference, or what ESCALE_REFERENCE_CACHE says. Each folder appears whole or not at all.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Where everything is unpacked. */
export const cacheFolder: string = process.env.ESCALE_REFERENCE_CACHE ?? "/var/cache/escale/reference";

/** The sets that can be unpacked. */
export type PackageSetName = "clients" | "reference" | "peer";

interface PackageSet {
  readonly suite: string;
  readonly packages: readonly string[];
  /** A program of the set and the version that it has to be, as a prefix. */
  readonly program: string;
  readonly version: string;
}

const sets: Readonly<Record<PackageSetName, PackageSet>> = {
  clients: {
    suite: "sid",
    packages: ["docker-cli", "docker-buildx", "docker-compose"],
    program: "usr/bin/docker",
    version: "28.5.",
  },
  reference: {
    suite: "sid",
    packages: ["docker.io", "containerd"],
    program: "usr/sbin/dockerd",
    version: "28.5.",
  },
  peer: {
    suite: "bookworm",
    packages: ["docker.io", "containerd", "runc", "tini", "libdevmapper1.02.1"],
    program: "usr/sbin/dockerd",
    version: "20.10.",
  },
};

/** The Debian mirror and its keyring, as this machine's apt sources name them. */
export function machineMirror(): { uri: string; keyring: string } {
  const folder = "/etc/apt/sources.list.d";
  const files = [
    "/etc/apt/sources.list",
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  for (const file of files.filter((path) => existsSync(path))) {
    const text = readFileSync(file, "utf8").replace(/^\s*#.*$/gm, "");
    const uri = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(\S+\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
    const keyring = /^Signed-By:\s*(\/\S+)/m.exec(text)?.[1] ?? "/usr/share/keyrings/debian-archive-keyring.gpg";
    if (uri !== undefined) return { uri, keyring };
  }
  throw new Error("no Debian mirror is found in /etc/apt/sources.list and /etc/apt/sources.list.d");
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${command} ${args.at(-1)}: ${error?.message ?? (stderr.trim() || `ended with ${status}`)}`);
  return stdout;
}

/** Fetches and unpacks `packages` of a suite below `target`; apt works on a state of its own inside `target`. */
function fetchPackages(target: string, { suite, packages }: PackageSet): void {
  const apt = join(target, "apt");
  for (const folder of ["lists/partial", "cache/archives/partial", "debs"])
    mkdirSync(join(apt, folder), { recursive: true });
  const { uri, keyring } = machineMirror();
  const list = join(apt, "sources.list");
  run("sh", ["-c", `echo 'deb [signed-by=${keyring}] ${uri} ${suite} main' > '${list}'`], target);
  const settings = {
    "Dir::Etc::sourcelist": list,
    "Dir::Etc::sourceparts": "-",
    "Dir::State": apt,
    "Dir::State::lists": join(apt, "lists"),
    "Dir::State::status": "/var/lib/dpkg/status",
    "Dir::Cache": join(apt, "cache"),
    "APT::Sandbox::User": "root",
    "Acquire::Retries": "3",
    // The machine's own pins and releases say nothing about what is only unpacked.
    "Dir::Etc::preferences": "-",
    "Dir::Etc::preferencesparts": "-",
    "APT::Default-Release": "",
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  run("apt-get", [...options, "-qq", "update"], target);
  run("apt-get", [...options, "-qq", "download", ...packages], join(apt, "debs"));
  for (const file of readdirSync(join(apt, "debs")))
    run("dpkg", ["-x", join(apt, "debs", file), join(target, "root")], target);
  rmSync(apt, { recursive: true });
}

/** Where a set is unpacked: the folder stands for `/` of its packages. */
export function unpackedRoot(name: PackageSetName): string {
  return join(cacheFolder, name, "root");
}

/** The variable by which the unpacked programs find the libraries that were unpacked with them. */
export function libraryPath(root: string): { LD_LIBRARY_PATH?: string } {
  const folder = ["lib", "usr/lib"].map((name) => join(root, name)).find((path) => existsSync(path));
  const triplet = folder === undefined ? undefined : readdirSync(folder).find((name) => name.includes("-linux-gnu"));
  return folder === undefined || triplet === undefined ? {} : { LD_LIBRARY_PATH: join(folder, triplet) };
}

function versionOf(name: PackageSetName, root: string): string {
  const { stdout, stderr } = spawnSync(join(root, sets[name].program), ["--version"], {
    encoding: "utf8",
    env: { ...process.env, ...libraryPath(root) },
  });
  return /version ([^\s,]+)/.exec(stdout)?.[1] ?? `unknown (${stderr.trim()})`;
}

/**
 * Unpacks a set unless it is there, and gives its root folder. Throws when the mirror has another version than the one
 * that Escale is compared with.
 */
export function unpack(name: PackageSetName): string {
  const root = unpackedRoot(name);
  if (existsSync(root)) return root;
  const set = sets[name];
  mkdirSync(cacheFolder, { recursive: true });
  const fresh = mkdtempSync(join(cacheFolder, `${name}.`));
  try {
    console.log(
      `reference: fetching ${set.packages.join(", ")} of Debian ${set.suite} into ${join(cacheFolder, name)}`,
    );
    fetchPackages(fresh, set);
    const version = versionOf(name, join(fresh, "root"));
    if (!version.startsWith(set.version)) {
      throw new Error(
        `Debian ${set.suite} has ${set.program} ${version}; Escale is compared with ${set.version}x only. ` +
          `Put that version's packages, unpacked, into ${root}.`,
      );
    }
    if (name === "clients") {
      cpSync(join(fresh, "root/usr/libexec/docker/cli-plugins"), join(fresh, "config/cli-plugins"), {
        recursive: true,
      });
    }
    if (!existsSync(join(cacheFolder, name))) renameSync(fresh, join(cacheFolder, name));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return root;
}

/** The stock docker CLI, and a DOCKER_CONFIG folder that has its plugins. */
export function clients(): { docker: string; config: string } {
  return { docker: join(unpack("clients"), "usr/bin/docker"), config: join(cacheFolder, "clients/config") };
}
