/** Tables for the small pure parts: environment, security options, tmpfs, sysctls, limits, mounts, propagation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceNumbers } from "./devices.ts";
import { environmentOf } from "./environment.ts";
import { oomScoreAdjOf, rlimitsOf } from "./limits.ts";
import { parseLimits } from "./machine.ts";
import { mountsOf } from "./mounts.ts";
import { checkPropagation, parseMountInfo, rootPropagation } from "./propagation.ts";
import { checkSecurityOptions, securityOptionsOf } from "./security-options.ts";
import { sysctlsOf } from "./sysctls.ts";
import { tmpfsOptions } from "./tmpfs-options.ts";

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

test("the environment is in Docker's order", () => {
  const of = (Env: string[] | null, tty = false, extra: string[] = []) =>
    environmentOf({ Hostname: "box", Env }, { tty, home: "/root", extra });
  assert.deepEqual(of(null), [path, "HOSTNAME=box", "HOME=/root"]);
  assert.deepEqual(of(["A", "B=", "PATH="]), ["PATH=", "HOSTNAME=box", "B=", "HOME=/root"]);
  assert.deepEqual(of(["FOO=1", "PATH=/x", "TERM=foo", "HOME=/h", "HOSTNAME=z"], true), [
    ...["PATH=/x", "HOSTNAME=z", "TERM=foo", "FOO=1", "HOME=/h"],
  ]);
  assert.deepEqual(of(["HOME="], true), [path, "HOSTNAME=box", "TERM=xterm", "HOME=/root"]);
  assert.deepEqual(of(["FOO=1", "X=y"], false, ["FOO=2", "BAR=3", "X"]), [
    ...[path, "HOSTNAME=box", "FOO=2", "BAR=3", "HOME=/root"],
  ]);
});

test("security options", () => {
  const of = (...SecurityOpt: string[]) => securityOptionsOf({ SecurityOpt });
  const plain = { noNewPrivileges: false, seccomp: "default", appArmor: undefined, hasWritableCgroups: false };
  assert.deepEqual(of(), plain);
  assert.deepEqual(of("label=disable", "label=type:x", "seccomp=builtin"), plain);
  for (const each of ["no-new-privileges", "no-new-privileges=true", "no-new-privileges:1"]) {
    assert.deepEqual(of(each), { ...plain, noNewPrivileges: true });
  }
  assert.equal(of("no-new-privileges", "no-new-privileges=false").noNewPrivileges, false);
  assert.equal(of("seccomp:unconfined").seccomp, "unconfined");
  assert.equal(of('seccomp={"a":"b=c"}').seccomp, '{"a":"b=c"}');
  assert.equal(of("apparmor=unconfined").appArmor, "unconfined");
  for (const [option, number] of [
    ["foo", 1],
    ["foo=bar", 2],
    ["no-new-privileges=maybe", 2],
    ["systempaths=unconfined", 2],
    ["credentialspec=foo", 2],
  ] as const) {
    const message = `invalid --security-opt ${number}: "${option}"`;
    assert.throws(() => checkSecurityOptions({ SecurityOpt: [option] }), { kind: "internal", message });
  }
});

test("options of a tmpfs: the last of each matter counts", () => {
  assert.deepEqual(tmpfsOptions([]), ["noexec", "nosuid", "nodev", "rprivate"]);
  assert.deepEqual(tmpfsOptions(["exec", "rw", "noatime"]), ["nosuid", "nodev", "rprivate", "exec", "rw", "noatime"]);
  assert.deepEqual(tmpfsOptions(["uid=100", "size=1k", "size=2k", "ro", "ro"]), [
    ...["noexec", "nosuid", "nodev", "rprivate", "uid=100", "size=2k", "ro"],
  ]);
  assert.throws(() => tmpfsOptions(["bogus"]), { kind: "internal", message: 'invalid tmpfs option "bogus"' });
  assert.throws(() => tmpfsOptions(["foo=1"]), /invalid tmpfs option "foo=1"/);
});

test("sysctls of the host are refused, those of the network left to the sandbox", () => {
  const own = { IpcMode: "private", NetworkMode: "bridge", UTSMode: "" };
  const config = { Domainname: "d" };
  const Sysctls = { "kernel.shmmax": "1", "net.ipv4.ip_forward": "1", "fs.mqueue.msg_max": "2" };
  assert.deepEqual(sysctlsOf(config, { ...own, Sysctls }), {
    ...{ "kernel.domainname": "d", "kernel.shmmax": "1", "fs.mqueue.msg_max": "2" },
  });
  for (const [name, change, why] of [
    ["foo.bar", {}, "is not in a separate kernel namespace"],
    ["kernel.hostname", {}, 'is not allowed as it conflicts with the OCI "hostname" field'],
    ["net.ipv4.ip_forward", { NetworkMode: "host" }, "not allowed in host network namespace"],
    ["kernel.shmmax", { IpcMode: "host" }, "is not allowed in the hosts ipc namespace"],
  ] as const) {
    assert.throws(
      () => sysctlsOf({ Domainname: "" }, { ...own, ...change, Sysctls: { [name]: "1" } }),
      (error: Error) => error.message.endsWith(`runc create failed: sysctl "${name}" ${why}`),
    );
  }
});

test("limits stay within the inherited ones unless they may be exceeded", () => {
  const hardLimits = parseLimits(
    "Limit                     Soft Limit           Hard Limit           Units     \n" +
      "Max cpu time              unlimited            unlimited            seconds   \n" +
      "Max open files            1024                 20000                files     \n",
  );
  assert.deepEqual([...hardLimits], [["RLIMIT_NOFILE", 20000]]);
  const bound = { canExceedLimits: false, hardLimits, oomScoreAdj: -100 };
  const Ulimits = [
    { Name: "nofile", Soft: 5, Hard: 200000 },
    { Name: "cpu", Soft: 7, Hard: -1 },
    { Name: "NOFILE", Soft: -1, Hard: -1 },
  ];
  assert.equal(
    JSON.stringify(rlimitsOf({ Ulimits }, bound)),
    '[{"type":"RLIMIT_NOFILE","soft":5,"hard":20000},{"type":"RLIMIT_CPU","soft":7,"hard":18446744073709551615},' +
      '{"type":"RLIMIT_NOFILE","soft":20000,"hard":20000}]',
  );
  assert.deepEqual(rlimitsOf({ Ulimits: Ulimits.slice(0, 1) }, { ...bound, canExceedLimits: true }), [
    { type: "RLIMIT_NOFILE", soft: 5, hard: 200000 },
  ]);
  assert.throws(
    () => rlimitsOf({ Ulimits: [{ Name: "foo", Soft: 1, Hard: 1 }] }, bound),
    /wrong rlimit value: RLIMIT_FOO/,
  );
  assert.equal(oomScoreAdjOf({ OomScoreAdj: -500 }, bound), -100);
  assert.equal(oomScoreAdjOf({ OomScoreAdj: 50 }, bound), 50);
  assert.equal(oomScoreAdjOf({ OomScoreAdj: -500 }, { ...bound, canExceedLimits: true }), -500);
});

test("mounts: parents before children, and the user's in the place of ours", () => {
  const files = { hostnamePath: "/h/hostname", hostsPath: "/h/hosts", resolvConfPath: "/h/resolv.conf" };
  const host = { Privileged: false, IpcMode: "private", ShmSize: 1024, ReadonlyRootfs: false };
  const bind = (destination: string) => ({ destination, type: "bind", source: "/s", options: [] });
  const of = (user: string[], change = {}) =>
    mountsOf({ ...host, ...change }, { user: user.map(bind), files, isCgroupWritable: false }).map(
      (mount) => `${mount.destination}${mount.source === "/s" ? "*" : ""}`,
    );
  const system = ["/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm"];
  const network = ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"];
  assert.deepEqual(of([]), [...system, ...network]);
  assert.deepEqual(of(["/a/b/c", "/a", "/etc", "/a/b"]), [
    ...[...system, "/a*", "/etc*", ...network, "/a/b*", "/a/b/c*"],
  ]);
  assert.deepEqual(of(["/etc/hosts"]), [...system, "/etc/resolv.conf", "/etc/hostname", "/etc/hosts*"]);
  assert.deepEqual(of(["/dev"]), ["/proc", "/sys", "/sys/fs/cgroup", "/dev*", ...network]);
  assert.deepEqual(of([], { IpcMode: "none" }), [...system.slice(0, -1), ...network]);
});

test("propagation from the host needs a mount that propagates", () => {
  const mounts = parseMountInfo(
    "1 0 8:1 / / rw shared:1 - ext4 /dev/x rw\n2 1 8:2 / /mnt/a\\040b rw master:3 - ext4 /dev/y rw\n" +
      "3 1 8:3 / /private rw - ext4 /dev/z rw\n",
  );
  checkPropagation("/srv", "rshared", mounts);
  checkPropagation("/mnt/a b/c", "slave", mounts);
  checkPropagation("/private", "rprivate", mounts);
  assert.throws(() => checkPropagation("/mnt/a b/c", "shared", mounts), {
    message: "path /mnt/a b/c is mounted on /mnt/a b but it is not a shared mount",
  });
  assert.throws(() => checkPropagation("/private/x", "rslave", mounts), {
    message: "path /private/x is mounted on /private but it is not a shared or slave mount",
  });
  assert.equal(rootPropagation(["rprivate"]), undefined);
  assert.equal(rootPropagation(["slave", "rshared"]), "shared");
  assert.equal(rootPropagation(["slave"]), "rslave");
});

test("device numbers, small and large", () => {
  assert.deepEqual(deviceNumbers(0x103), { major: 1, minor: 3 });
  assert.deepEqual(deviceNumbers(0xfe00), { major: 254, minor: 0 });
  assert.deepEqual(deviceNumbers(0x1234567), { major: 0x345, minor: 0x1267 });
});
