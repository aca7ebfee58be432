/** Device files and the rules about them. */
import { readdir, realpath, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { hasCode, internal } from "../../base/errors.ts";
import type { DeviceMapping, HostConfig } from "../../wire/docker/containers.ts";
import type { Device, DeviceRule } from "../../wire/oci/runtime-spec.ts";

/** The devices of a container, and the rules that let it use them. */
export interface ContainerDevices {
  readonly devices: readonly Device[];
  readonly rules: readonly DeviceRule[];
}

const fileTypeMask = 0o170000;
const blockDevice = 0o060000;
const characterDevice = 0o020000;
const permissionBits = 0o777;

/** The numbers within the kernel's dev_t. */
export function deviceNumbers(rdev: number): { major: number; minor: number } {
  const device = BigInt(rdev);
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n)),
  };
}

/** The device file at `path`, or undefined for any other file. */
async function deviceAt(path: string): Promise<Device | undefined> {
  const file = await stat(path);
  const kind = file.mode & fileTypeMask;
  if (kind !== blockDevice && kind !== characterDevice) return undefined;
  const { major, minor } = deviceNumbers(file.rdev);
  const type = kind === blockDevice ? "b" : "c";
  return { path, type, major, minor, fileMode: file.mode & permissionBits, uid: file.uid, gid: file.gid };
}

/** What /dev has for every container of its own. */
const ownFolders = new Set(["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"]);

/** All device files below a folder, by name. */
async function devicesBelow(folder: string, isHostDev: boolean): Promise<Device[]> {
  const found: Device[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !(isHostDev && ownFolders.has(entry.name))) {
      found.push(...(await devicesBelow(path, isHostDev)));
    } else if ((entry.isBlockDevice() || entry.isCharacterDevice()) && path !== "/dev/console") {
      const device = await deviceAt(path).catch((error: unknown) => {
        if (hasCode(error, "ENOENT")) return undefined;
        throw error;
      });
      if (device !== undefined) found.push(device);
    }
  }
  return found;
}

/** The devices of one `--device`: one, or all in a folder. */
async function mappedDevices(mapping: DeviceMapping): Promise<Device[]> {
  const refuse = (why: string): Error =>
    internal(`error gathering device information while adding custom device "${mapping.PathOnHost}": ${why}`);
  const target = mapping.PathInContainer || mapping.PathOnHost;
  try {
    const source = await realpath(mapping.PathOnHost);
    const device = await deviceAt(source);
    if (device !== undefined) return [{ ...device, path: target }];
    if (!(await stat(source)).isDirectory()) throw refuse("not a device node");
    const devices = await devicesBelow(source, false);
    if (devices.length === 0) throw refuse("not a device node");
    return devices.map((each) => ({ ...each, path: posix.join(target, each.path.slice(source.length)) }));
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw refuse("no such file or directory");
    throw error;
  }
}

/** Some of `rwm`; what is no permission counts for nothing, as with Docker. */
function accessOf(permissions: string): string {
  return permissions === "" ? "rwm" : [...permissions].filter((each) => "rwm".includes(each)).join("");
}

function parseRule(text: string): DeviceRule {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text);
  if (match === null) throw internal(`invalid device cgroup rule format: '${text}'`);
  const [, type, major, minor, access = ""] = match;
  // crun takes what is absent for all, and -1 for a number.
  return {
    allow: true,
    ...(type !== "a" && { type: type as "c" | "b" }),
    ...(major !== "*" && { major: Number(major) }),
    ...(minor !== "*" && { minor: Number(minor) }),
    access,
  };
}

/** Nothing but what is allowed after; the runtime itself allows null, zero, full, random, urandom, tty and terminals. */
const denyAll: DeviceRule = { allow: false, access: "rwm" };

/** The devices of a container. Errors: internal, with Docker's texts. */
export async function devicesOf(
  host: Pick<HostConfig, "Devices" | "DeviceCgroupRules" | "Privileged">,
): Promise<ContainerDevices> {
  const mappings = host.Devices ?? [];
  if (host.Privileged) {
    const devices = await devicesBelow("/dev", true);
    const paths = new Set(devices.map((each) => each.path));
    for (const mapping of mappings) {
      devices.push(...(await mappedDevices(mapping)).filter((each) => !paths.has(each.path)));
    }
    return { devices, rules: [{ allow: true, access: "rwm" }] };
  }
  const rules = [denyAll];
  if (mappings.length === 0 && (host.DeviceCgroupRules ?? []).length === 0) return { devices: [], rules };
  const devices: Device[] = [];
  for (const mapping of mappings) {
    const access = accessOf(mapping.CgroupPermissions);
    for (const device of await mappedDevices(mapping)) {
      devices.push(device);
      const { type, major, minor } = device;
      if (access !== "") rules.push({ allow: true, type: type as "b" | "c", major, minor, access });
    }
  }
  rules.push(...(host.DeviceCgroupRules ?? []).map(parseRule));
  return { devices, rules };
}
