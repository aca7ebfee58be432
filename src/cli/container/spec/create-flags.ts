/** The flags that `run` and `create` share: everything that goes into the request for a container. */
import { isIP } from "node:net";
import { invalid } from "../../../base/errors.ts";
import { quote } from "../../../base/quote.ts";
import type { ThrottleDevice, Ulimit, WeightDevice } from "../../../wire/docker/containers.ts";
import {
  boolFlag,
  bytesFlag,
  durationFlag,
  type Flag,
  type FlagValues,
  intFlag,
  listFlag,
  mapFlag,
  stringFlag,
  uintFlag,
} from "../../flags/flag.ts";
import {
  bytesPerSecondFlag,
  checkDeviceRule,
  type DeviceRequest,
  gpusFlag,
  operationsPerSecondFlag,
  ulimitFlag,
  weightDeviceFlag,
} from "./devices.ts";
import { checkLabel, checkVariable } from "./environment.ts";
import { type MountRequest, mountFlag } from "./mount.ts";
import { type NetworkChoice, networkFlag } from "./network.ts";

function checkAttach(text: string): string {
  const stream = text.toLowerCase();
  if (!["stdin", "stdout", "stderr"].includes(stream)) throw invalid("valid streams are STDIN, STDOUT and STDERR");
  return stream;
}

/** The shortest way to write an address. */
function canonicalAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const parts = [high, low].map((part) => Number.parseInt(part, 16));
  return parts.flatMap((part) => [part >> 8, part & 255]).join(".");
}

function checkAddress(text: string): string {
  const address = text.trim();
  if (isIP(address) === 0) throw invalid(`IP address is not correctly formatted: ${text}`);
  return canonicalAddress(address);
}

function checkSearchDomain(text: string): string {
  const domain = text.replace(/^ +| +$/g, "");
  if (domain === ".") return domain;
  const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
  const match = new RegExp(`^(:?${label}(?:\\.${label})*)\\.?\\s*$`).exec(domain);
  if (!/[a-zA-Z]/.test(domain) || match === null || domain.length >= 255)
    throw invalid(`${domain} is not a valid domain`);
  return match[1] ?? domain;
}

function checkHost(text: string): string {
  const separator = /[:=]/.exec(text)?.index ?? -1;
  const name = text.slice(0, separator);
  let address = text.slice(separator + 1);
  if (separator <= 0) throw invalid(`bad format for add-host: ${quote(text)}`);
  if (address === "host-gateway") return `${name}:${address}`;
  if (address.startsWith("[") && address.endsWith("]")) address = address.slice(1, -1);
  if (isIP(address) === 0) throw invalid(`invalid IP address in add-host: ${quote(address)}`);
  return `${name}:${address}`;
}

function checkLink(text: string): string {
  if (text === "") throw invalid("empty string specified for links");
  if (text.split(":").length > 2) throw invalid(`bad format for links: ${text}`);
  return text;
}

const sysctls = [
  "kernel.msgmax",
  "kernel.msgmnb",
  "kernel.msgmni",
  "kernel.sem",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "kernel.shm_rmid_forced",
];

function checkSysctl(text: string): void {
  const name = /^([^=]+)=/.exec(text)?.[1] ?? "";
  const isKnown = sysctls.includes(name) || name.startsWith("net.") || name.startsWith("fs.mqueue.");
  if (!isKnown) throw invalid(`sysctl '${text}' is not allowed`);
}

/** A number of processors, in billionths. */
function parseCpus(text: string): number {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const fractionMatch = /^([+-]?\d+)\/(\d+)$/.exec(text);
  const failed = invalid(`failed to parse ${text} as a rational number`);
  if (fractionMatch !== null) {
    const nano = (Number(fractionMatch[1]) / Number(fractionMatch[2])) * 1e9;
    if (!Number.isInteger(nano)) throw invalid("value is too precise");
    return nano;
  }
  if (match === null || ((match[2] ?? "") === "" && (match[3] ?? "") === "")) throw failed;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const shift = 9 - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction || "0");
  if (shift < 0 && digits % 10n ** BigInt(-shift) !== 0n) throw invalid("value is too precise");
  const nano = shift < 0 ? digits / 10n ** BigInt(-shift) : digits * 10n ** BigInt(shift);
  return Number(nano) * (sign === "-" ? -1 : 1);
}

const cpusFlag: Flag<number> = { type: "decimal", usage: "Number of CPUs", initial: 0, set: parseCpus };

/** The names of the flags by what they hold. */
type Switch =
  | "disableContentTrust"
  | "init"
  | "interactive"
  | "noHealthcheck"
  | "oomKillDisable"
  | "privileged"
  | "publishAll"
  | "quiet"
  | "readOnly"
  | "rm"
  | "tty"
  | "useApiSocket";
type Text =
  | "cgroupParent"
  | "cgroupns"
  | "cidfile"
  | "cpusetCpus"
  | "cpusetMems"
  | "domainname"
  | "entrypoint"
  | "healthCmd"
  | "hostname"
  | "ip"
  | "ip6"
  | "ipc"
  | "isolation"
  | "logDriver"
  | "macAddress"
  | "name"
  | "pid"
  | "platform"
  | "restart"
  | "runtime"
  | "stopSignal"
  | "user"
  | "userns"
  | "uts"
  | "volumeDriver"
  | "workdir";
type List =
  | "addHost"
  | "attach"
  | "capAdd"
  | "capDrop"
  | "device"
  | "deviceCgroupRule"
  | "dns"
  | "dnsOpt"
  | "dnsOption"
  | "dnsSearch"
  | "env"
  | "envFile"
  | "expose"
  | "groupAdd"
  | "label"
  | "labelFile"
  | "link"
  | "linkLocalIp"
  | "logOpt"
  | "netAlias"
  | "networkAlias"
  | "publish"
  | "securityOpt"
  | "storageOpt"
  | "tmpfs"
  | "volume"
  | "volumesFrom";
type Count =
  | "blkioWeight"
  | "cpuCount"
  | "cpuPercent"
  | "cpuPeriod"
  | "cpuQuota"
  | "cpuRtPeriod"
  | "cpuRtRuntime"
  | "cpuShares"
  | "cpus"
  | "healthRetries"
  | "ioMaxbandwidth"
  | "ioMaxiops"
  | "kernelMemory"
  | "memory"
  | "memoryReservation"
  | "memorySwap"
  | "memorySwappiness"
  | "oomScoreAdj"
  | "pidsLimit"
  | "shmSize"
  | "stopTimeout";
type Span = "healthInterval" | "healthStartInterval" | "healthStartPeriod" | "healthTimeout";
type Rates = "deviceReadBps" | "deviceReadIops" | "deviceWriteBps" | "deviceWriteIops";

/** The flags, by name. */
export type CreateFlags = Readonly<
  Record<Switch, Flag<boolean>> &
    Record<Text, Flag<string>> &
    Record<List, Flag<readonly string[]>> &
    Record<Count, Flag<number>> &
    Record<Span, Flag<bigint>> &
    Record<Rates, Flag<readonly ThrottleDevice[]>> &
    Record<"annotation" | "sysctl", Flag<Readonly<Record<string, string>>>> &
    Record<"net" | "network", Flag<readonly NetworkChoice[]>> & {
      blkioWeightDevice: Flag<readonly WeightDevice[]>;
      gpus: Flag<readonly DeviceRequest[]>;
      mount: Flag<readonly MountRequest[]>;
      ulimit: Flag<Readonly<Record<string, Ulimit>>>;
    }
>;

/** The flags themselves. */
export const createFlags: CreateFlags = {
  addHost: listFlag("Add a custom host-to-IP mapping (host:ip)", { check: checkHost }),
  annotation: mapFlag("Add an annotation to the container (passed through to the OCI runtime)"),
  attach: listFlag("Attach to STDIN, STDOUT or STDERR", { short: "a", check: checkAttach }),
  blkioWeight: uintFlag("Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)", 16),
  blkioWeightDevice: weightDeviceFlag,
  capAdd: listFlag("Add Linux capabilities"),
  capDrop: listFlag("Drop Linux capabilities"),
  cgroupParent: stringFlag("Optional parent cgroup for the container"),
  cgroupns: stringFlag(
    [
      "Cgroup namespace to use (host|private)",
      "'host':    Run the container in the Docker host's cgroup namespace",
      "'private': Run the container in its own private cgroup namespace",
      "'':        Use the cgroup namespace as configured by the",
      "           default-cgroupns-mode option on the daemon (default)",
    ].join("\n"),
  ),
  cidfile: stringFlag("Write the container ID to the file"),
  cpuCount: intFlag("CPU count (Windows only)", { isHidden: true }),
  cpuPercent: intFlag("CPU percent (Windows only)", { isHidden: true }),
  cpuPeriod: intFlag("Limit CPU CFS (Completely Fair Scheduler) period"),
  cpuQuota: intFlag("Limit CPU CFS (Completely Fair Scheduler) quota"),
  cpuRtPeriod: intFlag("Limit CPU real-time period in microseconds"),
  cpuRtRuntime: intFlag("Limit CPU real-time runtime in microseconds"),
  cpuShares: intFlag("CPU shares (relative weight)", { short: "c" }),
  cpus: cpusFlag,
  cpusetCpus: stringFlag("CPUs in which to allow execution (0-3, 0,1)"),
  cpusetMems: stringFlag("MEMs in which to allow execution (0-3, 0,1)"),
  device: listFlag("Add a host device to the container"),
  deviceCgroupRule: listFlag("Add a rule to the cgroup allowed devices list", { check: checkDeviceRule }),
  deviceReadBps: bytesPerSecondFlag("Limit read rate (bytes per second) from a device"),
  deviceReadIops: operationsPerSecondFlag("Limit read rate (IO per second) from a device"),
  deviceWriteBps: bytesPerSecondFlag("Limit write rate (bytes per second) to a device"),
  deviceWriteIops: operationsPerSecondFlag("Limit write rate (IO per second) to a device"),
  disableContentTrust: boolFlag("Skip image verification", { initial: true }),
  dns: listFlag("Set custom DNS servers", { check: checkAddress }),
  dnsOpt: listFlag("Set DNS options", { isHidden: true, into: "dnsOption" }),
  dnsOption: listFlag("Set DNS options"),
  dnsSearch: listFlag("Set custom DNS search domains", { check: checkSearchDomain }),
  domainname: stringFlag("Container NIS domain name"),
  entrypoint: stringFlag("Overwrite the default ENTRYPOINT of the image"),
  env: listFlag("Set environment variables", { short: "e", check: checkVariable }),
  envFile: listFlag("Read in a file of environment variables"),
  expose: listFlag("Expose a port or a range of ports"),
  gpus: gpusFlag,
  groupAdd: listFlag("Add additional groups to join"),
  healthCmd: stringFlag("Command to run to check health"),
  healthInterval: durationFlag("Time between running the check (ms|s|m|h) (default 0s)"),
  healthRetries: intFlag("Consecutive failures needed to report unhealthy"),
  healthStartInterval: durationFlag("Time between running the check during the start period (ms|s|m|h) (default 0s)"),
  healthStartPeriod: durationFlag(
    "Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)",
  ),
  healthTimeout: durationFlag("Maximum time to allow one check to run (ms|s|m|h) (default 0s)"),
  hostname: stringFlag("Container host name", { short: "h" }),
  init: boolFlag("Run an init inside the container that forwards signals and reaps processes"),
  interactive: boolFlag("Keep STDIN open even if not attached", { short: "i" }),
  ioMaxbandwidth: bytesFlag("Maximum IO bandwidth limit for the system drive (Windows only)", { isHidden: true }),
  ioMaxiops: uintFlag("Maximum IOps limit for the system drive (Windows only)", 64, { isHidden: true }),
  ip: stringFlag("IPv4 address (e.g., 172.30.100.104)"),
  ip6: stringFlag("IPv6 address (e.g., 2001:db8::33)"),
  ipc: stringFlag("IPC mode to use"),
  isolation: stringFlag("Container isolation technology"),
  kernelMemory: bytesFlag("Kernel memory limit"),
  label: listFlag("Set meta data on a container", { short: "l", check: checkLabel }),
  labelFile: listFlag("Read in a line delimited file of labels"),
  link: listFlag("Add link to another container", { check: checkLink }),
  linkLocalIp: listFlag("Container IPv4/IPv6 link-local addresses"),
  logDriver: stringFlag("Logging driver for the container"),
  logOpt: listFlag("Log driver options"),
  macAddress: stringFlag("Container MAC address (e.g., 92:d0:c6:0a:29:33)"),
  memory: bytesFlag("Memory limit", { short: "m" }),
  memoryReservation: bytesFlag("Memory soft limit"),
  memorySwap: bytesFlag("Swap limit equal to memory plus swap: '-1' to enable unlimited swap", {
    allowsUnlimited: true,
  }),
  memorySwappiness: intFlag("Tune container memory swappiness (0 to 100)", { initial: -1 }),
  mount: mountFlag,
  name: stringFlag("Assign a name to the container"),
  net: networkFlag({ isHidden: true, into: "network" }),
  netAlias: listFlag("Add network-scoped alias for the container", { isHidden: true, into: "networkAlias" }),
  network: networkFlag(),
  networkAlias: listFlag("Add network-scoped alias for the container"),
  noHealthcheck: boolFlag("Disable any container-specified HEALTHCHECK"),
  oomKillDisable: boolFlag("Disable OOM Killer"),
  oomScoreAdj: intFlag("Tune host's OOM preferences (-1000 to 1000)"),
  pid: stringFlag("PID namespace to use"),
  pidsLimit: intFlag("Tune container pids limit (set -1 for unlimited)"),
  platform: stringFlag("Set platform if server is multi-platform capable"),
  privileged: boolFlag("Give extended privileges to this container"),
  publish: listFlag("Publish a container's port(s) to the host", { short: "p" }),
  publishAll: boolFlag("Publish all exposed ports to random ports", { short: "P" }),
  quiet: boolFlag("Suppress the pull output", { short: "q" }),
  readOnly: boolFlag("Mount the container's root filesystem as read only"),
  restart: stringFlag("Restart policy to apply when a container exits", { initial: "no" }),
  rm: boolFlag("Automatically remove the container and its associated anonymous volumes when it exits"),
  runtime: stringFlag("Runtime to use for this container"),
  securityOpt: listFlag("Security Options"),
  shmSize: bytesFlag("Size of /dev/shm"),
  stopSignal: stringFlag("Signal to stop the container"),
  stopTimeout: intFlag("Timeout (in seconds) to stop a container"),
  storageOpt: listFlag("Storage driver options for the container"),
  sysctl: mapFlag("Sysctl options", checkSysctl),
  tmpfs: listFlag("Mount a tmpfs directory"),
  tty: boolFlag("Allocate a pseudo-TTY", { short: "t" }),
  ulimit: ulimitFlag,
  useApiSocket: boolFlag("Bind mount Docker API socket and required auth"),
  user: stringFlag("Username or UID (format: <name|uid>[:<group|gid>])", { short: "u" }),
  userns: stringFlag("User namespace to use"),
  uts: stringFlag("UTS namespace to use"),
  volume: listFlag("Bind mount a volume", { short: "v" }),
  volumeDriver: stringFlag("Optional volume driver for the container"),
  volumesFrom: listFlag("Mount volumes from the specified container(s)"),
  workdir: stringFlag("Working directory inside the container", { short: "w" }),
};

/** The values of the shared flags. */
export type CreateValues = FlagValues<CreateFlags>;
