import assert from "node:assert/strict";
import { test } from "node:test";
import { capabilitiesOf, checkCapabilities, defaultCapabilities } from "./capabilities.ts";
import { capabilityNames } from "./capability-names.ts";

const available = capabilityNames.filter((name) => name !== "CAP_SYS_RESOURCE");
const choice = (CapAdd: string[] | null, CapDrop: string[] | null, Privileged = false) => ({
  CapAdd,
  CapDrop,
  Privileged,
});
const without = (...names: string[]) => defaultCapabilities.filter((name) => !names.includes(name));

/** Recorded of dockerd 28.5.2. */
const table = [
  { what: choice(null, null), has: defaultCapabilities },
  {
    what: choice(["NET_ADMIN", "sys_nice"], ["CHOWN"]),
    has: [...without("CAP_CHOWN"), "CAP_NET_ADMIN", "CAP_SYS_NICE"],
  },
  { what: choice(null, ["all"]), has: [] },
  { what: choice(["CAP_CHOWN", "net_raw"], ["ALL"]), has: ["CAP_CHOWN", "CAP_NET_RAW"] },
  { what: choice(["ALL"], null), has: available },
  {
    what: choice(["all"], ["MKNOD", "sys_admin"]),
    has: available.filter((name) => name !== "CAP_MKNOD" && name !== "CAP_SYS_ADMIN"),
  },
  {
    what: choice(["NET_RAW", "SYS_PTRACE"], ["NET_RAW"]),
    has: [...without("CAP_NET_RAW"), "CAP_NET_RAW", "CAP_SYS_PTRACE"],
  },
  { what: choice(null, ["CHOWN"], true), has: available },
];

for (const { what, has } of table) {
  test(`capabilities for ${JSON.stringify(what)}`, () => assert.deepEqual(capabilitiesOf(what, available), has));
}

const refused = [
  { what: choice(["FOO"], null), text: 'invalid CapAdd: unknown capability: "CAP_FOO"' },
  { what: choice(null, ["foo", "bar"]), text: 'invalid CapDrop: unknown capability: "CAP_FOO"' },
  { what: choice([""], null), text: 'invalid CapAdd: unknown capability: "CAP_"' },
  { what: choice(["CAP_ALL"], null), text: 'invalid CapAdd: unknown capability: "CAP_ALL"' },
  { what: choice(["all"], ["xx"], true), text: 'invalid CapDrop: unknown capability: "CAP_XX"' },
  {
    what: choice(["SYS_RESOURCE"], null),
    text: 'invalid CapAdd: capability not supported by your kernel or not available in the current environment: "CAP_SYS_RESOURCE"',
  },
];

for (const { what, text } of refused) {
  test(`refused: ${text}`, () => {
    assert.throws(() => checkCapabilities(what, available), { kind: "invalid", message: text });
  });
}

test("names are taken with or without CAP_, in any case", () => {
  checkCapabilities(choice(["CAP_chown", "All", "sys_admin"], ["cap_kill"]), available);
});
