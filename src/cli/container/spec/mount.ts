/** `--mount type=bind,source=…,target=…`. */
import { isAbsolute, resolve } from "node:path";
import { invalid } from "../../../base/errors.ts";
import { parseBinarySize } from "../../../base/units.ts";
import type { Flag } from "../../flags/flag.ts";
import { parseBoolean } from "../../flags/flag.ts";
import { cut, readCsv } from "./csv.ts";

/** A mount as the request carries it. */
export interface MountRequest {
  Type: string;
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: {
    Propagation?: string;
    NonRecursive?: boolean;
    ReadOnlyNonRecursive?: boolean;
    ReadOnlyForceRecursive?: boolean;
  };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    Subpath?: string;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
  };
  ImageOptions?: { Subpath?: string };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
}

function truthOf(key: string, value: string): boolean {
  try {
    return parseBoolean(value);
  } catch {
    throw invalid(`invalid value for ${key}: ${value}`);
  }
}

function withPair(map: Record<string, string> | undefined, pair: string): Record<string, string> {
  const { key, value = "" } = cut(pair, "=");
  return key === "" ? { ...map } : { ...map, [key]: value };
}

function setTrue<T extends object>(target: T, key: keyof T, isTrue: boolean): void {
  if (isTrue) target[key] = true as T[keyof T];
  else delete target[key];
}

/** Reads one `--mount`. Throws an invalid error with Docker's text. */
export function parseMount(text: string): MountRequest {
  const mount: MountRequest = { Type: "volume", Target: "" };
  const bind = (): NonNullable<MountRequest["BindOptions"]> => (mount.BindOptions ??= {});
  const image = (): NonNullable<MountRequest["ImageOptions"]> => (mount.ImageOptions ??= {});
  const tmpfs = (): NonNullable<MountRequest["TmpfsOptions"]> => (mount.TmpfsOptions ??= {});
  const volume = (): NonNullable<MountRequest["VolumeOptions"]> => (mount.VolumeOptions ??= { DriverConfig: {} });

  for (const field of readCsv(text)) {
    const { key: rawKey, value } = cut(field, "=");
    const key = rawKey.toLowerCase();
    if (value === undefined) {
      if (key === "readonly" || key === "ro") mount.ReadOnly = true;
      else if (key === "volume-nocopy") volume().NoCopy = true;
      else if (key === "bind-nonrecursive") bind().NonRecursive = true;
      else throw invalid(`invalid field '${field}' must be a key=value pair`);
      continue;
    }
    switch (key) {
      case "type":
        mount.Type = value.toLowerCase();
        break;
      case "source":
      case "src":
        mount.Source = (value.startsWith("./") || value === ".") && !isAbsolute(value) ? resolve(value) : value;
        break;
      case "target":
      case "dst":
      case "destination":
        mount.Target = value;
        break;
      case "readonly":
      case "ro":
        setTrue(mount, "ReadOnly", truthOf(key, value));
        break;
      case "consistency":
        mount.Consistency = value.toLowerCase();
        break;
      case "bind-propagation":
        bind().Propagation = value.toLowerCase();
        break;
      case "bind-nonrecursive":
        setTrue(bind(), "NonRecursive", truthOf(key, value));
        break;
      case "bind-recursive":
        setRecursive(bind, value);
        break;
      case "volume-subpath":
        volume().Subpath = value;
        break;
      case "volume-nocopy":
        setTrue(volume(), "NoCopy", truthOf(key, value));
        break;
      case "volume-label":
        volume().Labels = withPair(volume().Labels, value);
        break;
      case "volume-driver":
        driverOf(volume()).Name = value;
        break;
      case "volume-opt":
        driverOf(volume()).Options = withPair(driverOf(volume()).Options, value);
        break;
      case "image-subpath":
        image().Subpath = value;
        break;
      case "tmpfs-size":
        tmpfs().SizeBytes = sizeOf(key, value);
        break;
      case "tmpfs-mode":
        if (!/^[0-7]+$/.test(value)) throw invalid(`invalid value for ${key}: ${value}`);
        tmpfs().Mode = Number.parseInt(value, 8);
        break;
      default:
        throw invalid(`unexpected key '${key}' in '${field}'`);
    }
  }
  checkMount(mount);
  return mount;
}

function driverOf(volume: NonNullable<MountRequest["VolumeOptions"]>): {
  Name?: string;
  Options?: Record<string, string>;
} {
  volume.DriverConfig ??= {};
  return volume.DriverConfig;
}

function sizeOf(key: string, value: string): number {
  try {
    return parseBinarySize(value);
  } catch {
    throw invalid(`invalid value for ${key}: ${value}`);
  }
}

function setRecursive(bind: () => NonNullable<MountRequest["BindOptions"]>, value: string): void {
  if (value === "disabled") bind().NonRecursive = true;
  else if (value === "writable") bind().ReadOnlyNonRecursive = true;
  else if (value === "readonly") bind().ReadOnlyForceRecursive = true;
  else if (value !== "enabled") {
    const allowed = '(must be "enabled", "disabled", "writable", or "readonly")';
    throw invalid(`invalid value for bind-recursive: ${value} ${allowed}`);
  }
}

function checkMount(mount: MountRequest): void {
  if (mount.Type === "") throw invalid("type is required");
  if (mount.Target === "") throw invalid("target is required");
  const families = [
    ["volume", mount.VolumeOptions],
    ["image", mount.ImageOptions],
    ["bind", mount.BindOptions],
    ["tmpfs", mount.TmpfsOptions],
  ] as const;
  for (const [family, options] of families) {
    if (options !== undefined && mount.Type !== family) {
      throw invalid(`cannot mix '${family}-*' options with mount type '${mount.Type}'`);
    }
  }
  const needs = (value: string, other: string): Error =>
    invalid(`option 'bind-recursive=${value}' requires '${other}' to be specified in conjunction`);
  if (mount.BindOptions?.ReadOnlyNonRecursive && !mount.ReadOnly) throw needs("writable", "readonly");
  if (mount.BindOptions?.ReadOnlyForceRecursive) {
    if (!mount.ReadOnly) throw needs("readonly", "readonly");
    if (mount.BindOptions.Propagation !== "rprivate") throw needs("readonly", "bind-propagation=rprivate");
  }
}

/** The flag `--mount`. */
export const mountFlag: Flag<readonly MountRequest[]> = {
  type: "mount",
  usage: "Attach a filesystem mount to the container",
  initial: [],
  set: (text, current) => [...current, parseMount(text)],
};
