/** Containers that really run: crun, a root file system of busybox, and what the program inside sees. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { hasCode } from "../../base/errors.ts";
import type { ContainerConfig, HostConfig } from "../../wire/docker/containers.ts";
import { checkMounts, toExecProcess, toRuntimeSpec } from "./index.ts";

const run = promisify(execFile);

const plainConfig: ContainerConfig = {
  ...{ Hostname: "box", Domainname: "", User: "", WorkingDir: "", Image: "busybox", Labels: {} },
  ...{ AttachStdin: false, AttachStdout: false, AttachStderr: false, Tty: false, OpenStdin: false, StdinOnce: false },
  ...{ Env: null, Cmd: null, Entrypoint: null, Volumes: null, OnBuild: null },
};

const plainHost: HostConfig = {
  ...{ Binds: null, VolumesFrom: null, VolumeDriver: "", ContainerIDFile: "", StorageOpt: {}, ReadonlyRootfs: false },
  ...{
    LogConfig: { Type: "none", Config: {} },
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: false,
  },
  ...{ NetworkMode: "host", PortBindings: {}, PublishAllPorts: false, Links: null, ExtraHosts: null },
  ...{
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ConsoleSize: [0, 0],
    Cgroup: "",
    CgroupParent: "",
    CgroupnsMode: "host",
  },
  ...{
    CapAdd: null,
    CapDrop: null,
    GroupAdd: null,
    SecurityOpt: null,
    Privileged: false,
    UsernsMode: "",
    Runtime: "crun",
  },
  ...{ IpcMode: "private", PidMode: "", UTSMode: "", Isolation: "", ShmSize: 64 * 1024 * 1024, OomScoreAdj: 0 },
  ...{ Memory: 0, MemoryReservation: 0, MemorySwap: 0, MemorySwappiness: null, OomKillDisable: false, PidsLimit: null },
  ...{ CpuShares: 0, NanoCpus: 0, CpuPeriod: 0, CpuQuota: 0, CpuRealtimePeriod: 0, CpuRealtimeRuntime: 0 },
  ...{ CpusetCpus: "", CpusetMems: "", CpuCount: 0, CpuPercent: 0, IOMaximumIOps: 0, IOMaximumBandwidth: 0 },
  ...{ BlkioWeight: 0, BlkioWeightDevice: [], BlkioDeviceReadBps: [], BlkioDeviceWriteBps: [] },
  ...{ BlkioDeviceReadIOps: [], BlkioDeviceWriteIOps: [], Ulimits: [] },
  ...{ Devices: [], DeviceCgroupRules: null, DeviceRequests: null },
  MaskedPaths: ["/proc/kcore", "/proc/keys", "/sys/firmware"],
  ReadonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
};
const applets = [
  "sh",
  "cat",
  "env",
  "id",
  "pwd",
  "mount",
  "umount",
  "unshare",
  "grep",
  "ls",
  "stat",
  "hostname",
  "true",
];
let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "escale-spec-"));
  const rootfs = join(folder, "rootfs");
  for (const each of ["bin", "etc", "home/alice", "proc", "sys", "dev", "tmp"]) {
    await mkdir(join(rootfs, each), { recursive: true });
  }
  await cp("/bin/busybox", join(rootfs, "bin/busybox"));
  for (const applet of applets) await symlink("busybox", join(rootfs, "bin", applet));
  await writeFile(
    join(rootfs, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001::/home/alice:/bin/sh\n",
  );
  await writeFile(join(rootfs, "etc/group"), "root:x:0:\nalice:x:1001:\nwheel:x:10:root,alice\nextra:x:77:\n");
  for (const file of ["hostname", "hosts", "resolv.conf"]) await writeFile(join(folder, file), `the ${file}\n`);
});

after(async () => {
  await rm(folder, { recursive: true, force: true });
  // crun removes a container's cgroup and leaves the one above.
  for (const hierarchy of ["", ...(await readdir("/sys/fs/cgroup"))]) {
    await rmdir(join("/sys/fs/cgroup", hierarchy, "escspectest")).catch((error: unknown) => {
      if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
    });
  }
});

interface Asked {
  config?: Partial<ContainerConfig>;
  host?: Partial<HostConfig>;
  script: string;
}

async function specOf({ config = {}, host = {}, script }: Asked) {
  const id = `escale-spec-${randomBytes(6).toString("hex")}`;
  const full = { ...plainConfig, ...config };
  const hidden = host.Privileged ? { MaskedPaths: null, ReadonlyPaths: null } : {};
  const hostConfig = { ...plainHost, ...host, ...hidden };
  const spec = await toRuntimeSpec({
    instance: { tag: "escspectest" },
    id,
    config: full,
    hostConfig,
    path: "/bin/sh",
    args: ["-c", script],
    rootfs: join(folder, "rootfs"),
    networkNamespacePath: undefined,
    hostnamePath: join(folder, "hostname"),
    hostsPath: join(folder, "hosts"),
    resolvConfPath: join(folder, "resolv.conf"),
  });
  return { id, spec, config: full, hostConfig };
}

async function inContainer(
  asked: Asked,
  whileRunning?: (id: string, bundle: string) => Promise<void>,
): Promise<string> {
  const { id, spec } = await specOf(asked);
  const bundle = await mkdtemp(join(folder, "bundle-"));
  await writeFile(join(bundle, "config.json"), JSON.stringify(spec));
  const crun = ["--root", join(folder, "crun")];
  try {
    if (whileRunning === undefined) {
      const { stdout, stderr } = await run("crun", [...crun, "run", "--bundle", bundle, id]);
      return stdout + stderr;
    }
    // A detached container keeps the pipes open that a caller would wait for.
    const started = spawn("crun", [...crun, "run", "--detach", "--bundle", bundle, id], { stdio: "ignore" });
    assert.deepEqual(await once(started, "exit"), [0, null]);
    await whileRunning(id, bundle);
    return "";
  } finally {
    await run("crun", [...crun, "delete", "--force", id]).catch(() => undefined);
  }
}

function field(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1];
}

describe("a container with Docker's defaults", () => {
  test("has a filter of system calls and fourteen capabilities, none inheritable", async () => {
    const status = await inContainer({ script: "cat /proc/self/status" });
    assert.equal(field(status, "Seccomp"), "2");
    assert.equal(field(status, "NoNewPrivs"), "0");
    for (const set of ["CapBnd", "CapEff", "CapPrm"]) assert.equal(field(status, set), "00000000a80425fb");
    for (const set of ["CapInh", "CapAmb"]) assert.equal(field(status, set), "0000000000000000");
  });

  test("cannot mount nor make namespaces", async () => {
    const output = await inContainer({
      script: "mount -t tmpfs x /tmp; echo $?; unshare -m true; echo $?; unshare -U true; echo $?; true",
    });
    assert.doesNotMatch(output, /^0$/m);
    assert.equal(output.match(/not permitted|permission denied/gi)?.length, 3);
  });

  test("sees its own files, and the kernel's only to read", async () => {
    const output = await inContainer({
      script:
        "cat /etc/hostname /etc/hosts /etc/resolv.conf; hostname; cat /proc/mounts; cat /proc/kcore | grep -c .; true",
    });
    assert.match(output, /^the hostname\nthe hosts\nthe resolv.conf\nbox\n/);
    assert.match(output, /^sysfs \/sys sysfs ro,/m);
    assert.match(output, /^proc \/proc\/sys proc ro,/m);
    assert.match(output, /^shm \/dev\/shm tmpfs rw,nosuid,nodev,noexec,.*size=65536k/m);
    assert.match(output, /^mqueue \/dev\/mqueue mqueue rw,nosuid,nodev,noexec/m);
  });

  test("may use only the harmless devices", async () => {
    const output = await inContainer({ script: "cat /sys/fs/cgroup/devices/devices.list 2>/dev/null; true" });
    if (output === "") return;
    const rules = output.trim().split("\n").sort();
    assert.ok(!rules.includes("a *:* rwm"), output);
    for (const rule of ["b *:* m", "c *:* m", "c 1:3 rwm", "c 1:8 rwm", "c 136:* rwm", "c 5:0 rwm"]) {
      assert.ok(rules.includes(rule), `${rule} in ${output}`);
    }
    assert.ok(!rules.some((rule) => rule.startsWith("c 10:") || rule.startsWith("b 2")), output);
  });
});

test("a user by name has its groups, home and environment", async () => {
  const output = await inContainer({
    config: { User: "alice", Env: ["FOO=1", "PATH=/bin"], WorkingDir: "/srv/made" },
    host: { GroupAdd: ["extra"] },
    script: "id; pwd; env; stat -c '%u:%g %a' /srv/made; cat /proc/self/status",
  });
  assert.match(
    output,
    /^uid=1000\(alice\) gid=1001\(alice\) groups=10\(wheel\),77\(extra\),1001\(alice\)\n\/srv\/made\n/,
  );
  assert.match(output, /^HOME=\/home\/alice$/m);
  assert.match(output, /^FOO=1$/m);
  assert.match(output, /^HOSTNAME=box$/m);
  assert.match(output, /^PATH=\/bin$/m);
  assert.match(output, /^0:0 755$/m);
  assert.equal(field(output, "CapEff"), "0000000000000000");
  assert.equal(field(output, "CapBnd"), "00000000a80425fb");
});

test("without capabilities, and without new privileges", async () => {
  const status = await inContainer({
    host: { CapDrop: ["all"], SecurityOpt: ["no-new-privileges", "seccomp=unconfined"] },
    script: "cat /proc/self/status",
  });
  assert.equal(field(status, "Seccomp"), "0");
  assert.equal(field(status, "NoNewPrivs"), "1");
  for (const set of ["CapBnd", "CapEff", "CapPrm", "CapInh", "CapAmb"])
    assert.equal(field(status, set), "0".repeat(16));
});

test("a profile of the user's own is the filter", async () => {
  const profile = JSON.stringify({
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 }],
  });
  const output = await inContainer({
    host: { SecurityOpt: [`seccomp=${profile}`] },
    script: "busybox mkdir /tmp/x; true",
  });
  assert.match(output, /No space left on device/);
});

test("privileged: all capabilities and devices, nothing hidden, no filter", async () => {
  const output = await inContainer({
    host: { Privileged: true },
    script: "cat /proc/self/status; ls /dev; mount -t tmpfs x /tmp && echo mounted; cat /proc/mounts",
  });
  assert.equal(field(output, "Seccomp"), "0");
  assert.equal(field(output, "CapEff"), field(output, "CapBnd"));
  assert.match(output, /^mounted$/m);
  assert.match(output, /^kmsg$/m);
  assert.match(output, /^sysfs \/sys sysfs rw,/m);
  assert.doesNotMatch(output, /^proc \/proc\/sys proc ro,/m);
});

test("mounts of the user: binds, tmpfs, read-only, over our own files", async () => {
  const source = join(folder, "source");
  await mkdir(join(source, "sub"), { recursive: true });
  await writeFile(join(source, "file"), "content\n");
  const output = await inContainer({
    host: {
      ReadonlyRootfs: true,
      Binds: [`${source}:/data:ro`, `${source}/file:/etc/hosts`, `${folder}/missing:/made`],
      Tmpfs: { "/run": "size=1m,exec" },
      Mounts: [{ Type: "tmpfs", Target: "/data/sub", TmpfsOptions: { SizeBytes: 65536, Mode: 0o700 } }],
      Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/nothing", CgroupPermissions: "rwm" }],
    },
    script:
      "cat /data/file /etc/hosts; echo x 2>&1 >/data/y; echo x 2>&1 >/y; echo x >/made/y && echo written; " +
      "echo x >/dev/nothing && echo lost; cat /proc/mounts; stat -c %a /data/sub",
  });
  assert.match(output, /^content\ncontent\n/);
  assert.equal(output.match(/Read-only file system/g)?.length, 2);
  assert.match(output, /^written\nlost$/m);
  assert.match(output, /^tmpfs \/run tmpfs rw,nosuid,nodev,relatime,size=1024k/m);
  assert.match(output, /^tmpfs \/data\/sub tmpfs rw,nosuid,nodev,noexec,relatime,size=64k,mode=700/m);
  assert.match(output, /^700$/m);
});

test("limits reach the cgroup and the process", async () => {
  const output = await inContainer({
    host: {
      Memory: 64 * 1024 * 1024,
      NanoCpus: 500_000_000,
      PidsLimit: 50,
      OomScoreAdj: 100,
      Ulimits: [
        { Name: "nofile", Soft: 1000, Hard: 2000 },
        { Name: "core", Soft: -1, Hard: -1 },
      ],
      Sysctls: { "kernel.shmmax": "100000" },
    },
    config: { Domainname: "example" },
    script:
      "cat /proc/self/limits /proc/self/oom_score_adj /proc/sys/kernel/shmmax /proc/sys/kernel/domainname; " +
      "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us memory.max pids.max 2>/dev/null; true",
  });
  assert.match(output, /^Max open files +1000 +2000/m);
  assert.match(output, /^Max core file size +unlimited +unlimited/m);
  assert.match(output, /^100\n100000\nexample\n67108864\n50\n/m);
});

test("an exec is in the same world as its container", async () => {
  const config = { User: "alice", Env: ["FOO=1"] };
  await inContainer({ config, script: "while :; do busybox sleep 1; done" }, async (id, bundle) => {
    const { config: full, hostConfig } = await specOf({ config, script: "true" });
    const exec = async (request: object): Promise<string> => {
      const process = await toExecProcess({ config: full, hostConfig, rootfs: join(folder, "rootfs"), request });
      const file = join(bundle, "process.json");
      await writeFile(file, JSON.stringify(process));
      return (await run("crun", ["--root", join(folder, "crun"), "exec", "--process", file, id])).stdout;
    };
    const own = await exec({ Cmd: ["sh", "-c", "id; env; cat /proc/self/status"], Env: ["BAR=2"] });
    assert.match(own, /^uid=1000\(alice\)/);
    assert.match(own, /^FOO=1$/m);
    assert.match(own, /^BAR=2$/m);
    assert.match(own, /^HOME=\/home\/alice$/m);
    assert.equal(field(own, "Seccomp"), "2");
    assert.equal(field(own, "CapBnd"), "00000000a80425fb");
    const root = await exec({ Cmd: ["cat", "/proc/self/status"], User: "root", Privileged: true });
    assert.equal(field(root, "CapEff"), field(root, "CapBnd"));
    assert.notEqual(field(root, "CapEff"), "00000000a80425fb");
  });
});

test("a start that cannot be is refused in Docker's words, before the runtime is asked", async () => {
  const file = join(folder, "hosts");
  const refused = (asked: Omit<Asked, "script">, kind: string, message: string | RegExp) =>
    assert.rejects(specOf({ ...asked, script: "true" }), { kind, message });
  await refused({ config: { User: "bob" } }, "internal", "unable to find user bob: no matching entries in passwd file");
  await refused(
    { config: { WorkingDir: "/bin/busybox" } },
    "internal",
    "Cannot mkdir: /bin/busybox is not a directory",
  );
  await refused({ host: { Binds: [`${file}/x:/d`] } }, "invalid", /stat .*hosts\/x: not a directory: Are you trying/);
  await refused({ host: { Binds: [`${folder}:/proc`] } }, "internal", /because it is not of type proc$/);
  await refused({ host: { Binds: [`${folder}:/proc/self`] } }, "internal", /because it is inside \/proc$/);
  await refused({ host: { Binds: ["named:/d"] } }, "unsupported", /named volume/);
  const device = (path: string) => ({ PathOnHost: path, PathInContainer: "/dev/x", CgroupPermissions: "rwm" });
  const gathering = "error gathering device information while adding custom device";
  await refused(
    { host: { Devices: [device("/dev/no")] } },
    "internal",
    `${gathering} "/dev/no": no such file or directory`,
  );
  await refused({ host: { Devices: [device(file)] } }, "internal", `${gathering} "${file}": not a device node`);
  await refused({ host: { DeviceCgroupRules: ["foo"] } }, "internal", "invalid device cgroup rule format: 'foo'");
  const throttle = { BlkioDeviceReadBps: [{ Path: "/dev/no", Rate: 1 }] };
  await refused({ host: throttle }, "internal", "stat /dev/no: no such file or directory");
});

test("mounts that contradict each other are refused before a container is made", () => {
  const nothing = { Binds: null, Mounts: [], Tmpfs: {} };
  const refused = (host: Partial<HostConfig>, message: string) =>
    assert.throws(() => checkMounts({ ...nothing, ...host }), { kind: "invalid", message });
  refused({ Binds: ["/a:/d", "/a:/d/"] }, "Duplicate mount point: /d");
  refused({ Binds: ["/a:/d/"], Tmpfs: { "/d": "" } }, "Duplicate mount point: /d");
  refused({ Mounts: ["/d", "/d/../d"].map((Target) => ({ Type: "tmpfs", Target })) }, "Duplicate mount point: /d/../d");
  refused({ Tmpfs: { "/": "" } }, "invalid specification: destination can't be '/'");
  refused(
    { Mounts: [{ Type: "tmpfs", Target: "/d", TmpfsOptions: { Options: [["exec"], ["uid", "5"]] } }] },
    'invalid mount config for type "tmpfs": invalid option: uid',
  );
  refused(
    { Mounts: [{ Type: "bind", Source: "/", Target: "/d", BindOptions: { Propagation: "foo" } }] },
    'invalid mount config for type "bind": invalid propagation mode: foo',
  );
});
