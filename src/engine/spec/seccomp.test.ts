import assert from "node:assert/strict";
import { test } from "node:test";
import type { Seccomp } from "../../wire/oci/runtime-spec.ts";
import { defaultCapabilities } from "./capabilities.ts";
import { defaultSeccomp, makeDefaultSeccomp } from "./seccomp.ts";
import { lowerProfile } from "./seccomp-profile.ts";

const machine = { architecture: "amd64", kernel: [6, 1] } as const;

/** Every call with what happens on it, as one text each. */
function facts(seccomp: Seccomp): Set<string> {
  const all = (seccomp.syscalls ?? []).flatMap((rule) =>
    rule.names.map((name) => {
      const conditions = (rule.args ?? []).map(({ index, op, value }) => `arg${index} ${op} ${value}`);
      return [name, rule.action, rule.errnoRet ?? "", ...conditions].join(" ").trim();
    }),
  );
  return new Set(all);
}

const byDefault = facts(makeDefaultSeccomp(defaultCapabilities, machine));

function allowed(names: string): string[] {
  return names.split(" ").map((name) => `${name} SCMP_ACT_ALLOW`);
}

const cloneFacts = ["clone SCMP_ACT_ALLOW  arg0 SCMP_CMP_MASKED_EQ 2114060288", "clone3 SCMP_ACT_ERRNO 38"];

/** What dockerd 28.5.2 adds to, and takes from, the filter of a plain container. */
const recorded: readonly { added?: string; dropped?: string; gains?: string[]; loses?: string[] }[] = [
  { added: "BPF", gains: allowed("bpf") },
  { added: "DAC_READ_SEARCH", gains: allowed("open_by_handle_at") },
  { added: "NET_ADMIN" },
  { added: "PERFMON", gains: allowed("perf_event_open") },
  { added: "SYSLOG", gains: allowed("syslog") },
  {
    added: "SYS_ADMIN",
    gains: allowed(
      "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules " +
        "lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname " +
        "sethostname setns syslog umount umount2 unshare",
    ),
    loses: cloneFacts,
  },
  { added: "SYS_BOOT", gains: allowed("reboot") },
  { added: "SYS_MODULE", gains: allowed("delete_module finit_module init_module") },
  { added: "SYS_NICE", gains: allowed("get_mempolicy mbind set_mempolicy set_mempolicy_home_node") },
  { added: "SYS_PACCT", gains: allowed("acct") },
  { added: "SYS_PTRACE", gains: allowed("kcmp pidfd_getfd process_madvise") },
  { added: "SYS_RAWIO", gains: allowed("ioperm iopl") },
  { added: "SYS_TIME", gains: allowed("clock_settime clock_settime64 settimeofday stime") },
  { added: "SYS_TTY_CONFIG", gains: allowed("vhangup") },
  { dropped: "SYS_CHROOT", loses: allowed("chroot") },
  { dropped: "NET_RAW" },
];

test("a plain container's filter has the facts recorded of dockerd 28.5.2", () => {
  const plain = [...byDefault].filter((fact) => /^\S+ SCMP_ACT_ALLOW$/.test(fact));
  assert.equal(plain.length, 361 + 3 + 2 + 1);
  assert.deepEqual(
    [...byDefault].filter((fact) => !plain.includes(fact)).sort(),
    [
      ...cloneFacts,
      ...[0, 8, 131072, 131080, 4294967295].map((value) => `personality SCMP_ACT_ALLOW  arg0 SCMP_CMP_EQ ${value}`),
      "socket SCMP_ACT_ALLOW  arg0 SCMP_CMP_NE 40",
    ].sort(),
  );
  for (const name of ["ptrace", "chroot", "openat2", "futex_waitv", "mseal", "arch_prctl", "modify_ldt"]) {
    assert.ok(plain.includes(`${name} SCMP_ACT_ALLOW`), name);
  }
  for (const name of ["io_uring_setup", "keyctl", "userfaultfd", "mount", "unshare", "setns", "bpf", "kexec_load"]) {
    assert.ok(![...byDefault].some((fact) => fact.startsWith(`${name} `)), name);
  }
});

for (const { added, dropped, gains = [], loses = [] } of recorded) {
  test(`the filter with ${added === undefined ? `${dropped} dropped` : `${added} added`}`, () => {
    const capabilities = defaultCapabilities
      .filter((name) => name !== `CAP_${dropped}`)
      .concat(added === undefined ? [] : [`CAP_${added}`]);
    const now = facts(makeDefaultSeccomp(capabilities, machine));
    assert.deepEqual([...now].filter((fact) => !byDefault.has(fact)).sort(), gains);
    assert.deepEqual([...byDefault].filter((fact) => !now.has(fact)).sort(), [...loses].sort());
  });
}

test("default action, architectures, and what differs on other machines", () => {
  const amd = makeDefaultSeccomp([], machine);
  assert.equal(amd.defaultAction, "SCMP_ACT_ERRNO");
  assert.equal(amd.defaultErrnoRet, 1);
  assert.deepEqual(amd.architectures, ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]);
  const arm = makeDefaultSeccomp([], { architecture: "arm64", kernel: [6, 1] });
  assert.deepEqual(arm.architectures, ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]);
  assert.ok(facts(arm).has("cacheflush SCMP_ACT_ALLOW"));
  assert.ok(!facts(arm).has("arch_prctl SCMP_ACT_ALLOW"));
  assert.ok(!facts(makeDefaultSeccomp([], { architecture: "amd64", kernel: [4, 7] })).has("ptrace SCMP_ACT_ALLOW"));
});

test("the same set of capabilities is lowered once, in whatever order", () => {
  const one = defaultSeccomp(["CAP_CHOWN", "CAP_SYS_TIME", "CAP_SYS_NICE"], machine);
  assert.equal(defaultSeccomp(["CAP_SYS_NICE", "CAP_KILL", "CAP_SYS_TIME"], machine), one);
  assert.notEqual(defaultSeccomp(["CAP_SYS_NICE"], machine), one);
});

test("a user's profile: conditions are resolved, 64-bit masks stay exact", () => {
  const profile = `{
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "archMap": [
      {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
      {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
    "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "", "includes": {}, "excludes": {}},
      {"name": "old", "action": "SCMP_ACT_ALLOW"},
      {"names": ["capped"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_KILL"]}},
      {"names": ["both"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_KILL", "CAP_BPF"]}},
      {"names": ["uncapped"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_KILL"]}},
      {"names": ["arm"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]}},
      {"names": ["noarm"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["arm64"]}},
      {"names": ["new"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}},
      {"names": ["masked"], "action": "SCMP_ACT_ALLOW",
       "args": [{"index": 1, "value": 18446744073709551615, "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"}]}]}`;
  const lowered = lowerProfile(profile, ["CAP_KILL"], machine);
  assert.deepEqual(lowered.architectures, ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]);
  assert.deepEqual(
    (lowered.syscalls ?? []).map((rule) => rule.names[0]),
    ["read", "old", "capped", "noarm", "masked"],
  );
  assert.equal(lowered.defaultErrnoRet, 38);
  assert.deepEqual(lowered.flags, ["SECCOMP_FILTER_FLAG_LOG"]);
  assert.match(JSON.stringify(lowered), /"value":18446744073709551615,"valueTwo":2/);
  assert.doesNotMatch(JSON.stringify(lowered), /includes|excludes|archMap/);
});

test("what is no profile is refused", () => {
  for (const text of ["foo", "[]", "null", ""]) {
    assert.throws(() => lowerProfile(text, [], machine), /^EscaleError: Decoding seccomp profile failed: /);
  }
  const both = '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["a"],"archMap":[{"architecture":"b"}]}';
  assert.throws(() => lowerProfile(both, [], machine), /both 'architectures' and 'archMap' were specified/);
});
