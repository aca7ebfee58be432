/** Devices, GPUs and the limits of block devices. */
import { posix } from "node:path";
import { invalid } from "../../../base/errors.ts";
import { parseBinarySize } from "../../../base/units.ts";
import type { DeviceMapping, ThrottleDevice, Ulimit, WeightDevice } from "../../../wire/docker/containers.ts";
import type { Flag } from "../../flags/flag.ts";
import { cut, readCsv } from "./csv.ts";
import { mapOf } from "./environment.ts";

function isMode(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

/** Reads `/dev/sda[:/dev/xvda][:rwm]`. Throws an invalid error with Docker's text. */
export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(":");
  const [host = "", second, third] = parts;
  if (parts.length > 3 || host === "") throw invalid(`bad format for path: ${text}`);
  let inside = host;
  let mode = "rwm";
  let outside = host;
  if (third !== undefined) {
    if (!isMode(third)) throw invalid(`bad mode specified: ${third}`);
    mode = third;
    inside = second ?? "";
  } else if (second !== undefined && isMode(second)) {
    mode = second;
    outside = posix.normalize(host).replace(/(?<=.)\/$/, "");
  } else if (second !== undefined) {
    inside = second;
  } else {
    outside = posix.normalize(host).replace(/(?<=.)\/$/, "");
  }
  if (!posix.isAbsolute(inside)) throw invalid(`${inside} is not an absolute path`);
  if (inside === host && second === undefined) inside = outside;
  if (second !== undefined && third === undefined && isMode(second)) inside = outside;
  else if (second !== undefined && third === undefined) inside = posix.normalize(inside).replace(/(?<=.)\/$/, "");
  return { PathOnHost: outside, PathInContainer: inside, CgroupPermissions: mode };
}

/** Whether the text names a device of the Container Device Interface, `vendor.com/class=name`. */
export function isCdiDevice(text: string): boolean {
  return /^[A-Za-z][\w.-]*[A-Za-z0-9]\/[A-Za-z][\w-]*[A-Za-z0-9]=[A-Za-z0-9]([\w.:-]*[A-Za-z0-9])?$/.test(text);
}

/** Refuses what is no rule of the devices cgroup. */
export function checkDeviceRule(text: string): string {
  if (!/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(text)) throw invalid(`invalid device cgroup format '${text}'`);
  return text;
}

/** A request for devices of a driver. Count -1 means all. */
export interface DeviceRequest {
  Driver: string;
  Count: number;
  DeviceIDs: string[] | null;
  Capabilities: string[][] | null;
  Options: Record<string, string> | null;
}

function gpuCount(text: string): number {
  if (text === "all") return -1;
  if (!/^[+-]?\d+$/.test(text)) {
    throw invalid(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`);
  }
  return Number(text);
}

/** Reads one `--gpus`. Throws an invalid error with Docker's text. */
export function parseGpus(text: string): DeviceRequest {
  const request: DeviceRequest = { Driver: "", Count: 0, DeviceIDs: null, Capabilities: null, Options: null };
  const seen = new Set<string>();
  for (const field of readCsv(text)) {
    const { key, value } = cut(field, "=");
    if (seen.has(key)) throw invalid(`gpu request key '${key}' can be specified only once`);
    seen.add(key);
    if (value === undefined) {
      seen.add("count");
      request.Count = gpuCount(key);
    } else if (key === "driver") request.Driver = value;
    else if (key === "count") request.Count = gpuCount(value);
    else if (key === "device") request.DeviceIDs = value.split(",");
    else if (key === "capabilities") request.Capabilities = [[...value.split(","), "gpu"]];
    else if (key === "options") request.Options = mapOf(readCsv(value));
    else throw invalid(`unexpected key '${key}' in '${field}'`);
  }
  if (!seen.has("count") && request.DeviceIDs === null) request.Count = 1;
  request.Options ??= {};
  request.Capabilities ??= [["gpu"]];
  return request;
}

/** The flag `--gpus`. */
export const gpusFlag: Flag<readonly DeviceRequest[]> = {
  type: "gpu-request",
  usage: "GPU devices to add to the container ('all' to pass all GPUs)",
  initial: [],
  set: (text, current) => [...current, parseGpus(text)],
};

const ulimitNames = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
];

function limitNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

/** Reads `nofile=1024[:2048]`. Throws an invalid error with Docker's text. */
export function parseUlimit(text: string): Ulimit {
  const { key: Name, value } = cut(text, "=");
  if (value === undefined) throw invalid(`invalid ulimit argument: ${text}`);
  if (!ulimitNames.includes(Name)) throw invalid(`invalid ulimit type: ${Name}`);
  const { key: softText, value: hardText } = cut(value, ":");
  if (hardText?.includes(":")) {
    throw invalid(`too many limit value arguments - ${value}, can only have up to two, \`soft[:hard]\``);
  }
  const Soft = limitNumber(softText);
  const Hard = hardText === undefined ? Soft : limitNumber(hardText);
  if (Hard !== -1 && (Soft === -1 || Soft > Hard)) {
    const limit = Soft === -1 ? "-1 (unlimited)" : String(Soft);
    throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${limit} > ${Hard}`);
  }
  return { Name, Hard, Soft };
}

/** The flag `--ulimit`: the last of a name counts. */
export const ulimitFlag: Flag<Readonly<Record<string, Ulimit>>> = {
  type: "ulimit",
  usage: "Ulimit options",
  initial: {},
  shownDefault: "[]",
  set: (text, current) => {
    const limit = parseUlimit(text);
    return { ...current, [limit.Name]: limit };
  },
};

function devicePath(text: string): { Path: string; value: string } {
  const { key: Path, value } = cut(text, ":");
  if (value === undefined || Path === "") throw invalid(`bad format: ${text}`);
  if (!Path.startsWith("/dev/")) throw invalid(`bad format for device path: ${text}`);
  return { Path, value };
}

function weightDevice(text: string): WeightDevice {
  const { Path, value } = devicePath(text);
  const Weight = Number(value);
  if (!/^\d+$/.test(value) || Weight > 65535 || (Weight > 0 && (Weight < 10 || Weight > 1000))) {
    throw invalid(`invalid weight for device: ${text}`);
  }
  return { Path, Weight };
}

function bytesPerSecond(text: string): ThrottleDevice {
  const { Path, value } = devicePath(text);
  const reason = `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`;
  try {
    return { Path, Rate: parseBinarySize(value) };
  } catch {
    throw invalid(reason);
  }
}

function operationsPerSecond(text: string): ThrottleDevice {
  const { Path, value } = devicePath(text);
  if (!/^\d+$/.test(value)) {
    throw invalid(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    );
  }
  return { Path, Rate: Number(value) };
}

function deviceListFlag<T>(usage: string, parse: (text: string) => T): Flag<readonly T[]> {
  return { type: "list", usage, initial: [], shownDefault: "[]", set: (text, current) => [...current, parse(text)] };
}

/** The flag `--blkio-weight-device`. */
export const weightDeviceFlag: Flag<readonly WeightDevice[]> = deviceListFlag(
  "Block IO weight (relative device weight)",
  weightDevice,
);

/** The flags `--device-read-bps` and `--device-write-bps`. */
export function bytesPerSecondFlag(usage: string): Flag<readonly ThrottleDevice[]> {
  return deviceListFlag(usage, bytesPerSecond);
}

/** The flags `--device-read-iops` and `--device-write-iops`. */
export function operationsPerSecondFlag(usage: string): Flag<readonly ThrottleDevice[]> {
  return deviceListFlag(usage, operationsPerSecond);
}
