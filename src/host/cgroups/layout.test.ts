import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCgroupLayout } from "./layout.ts";

test("v2 alone", () => {
  const layout = parseCgroupLayout("30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  assert.deepEqual(layout, { version: 2, hierarchies: [{ mountPoint: "/sys/fs/cgroup", controllers: [] }] });
});

test("a hybrid layout is v1, and keeps the unified tree", () => {
  const layout = parseCgroupLayout(
    [
      "30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
      "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:5 - cgroup cgroup rw,cpu,cpuacct",
      "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
      "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
      "34 24 0:29 / /elsewhere/unified rw - cgroup2 cgroup2 rw",
    ].join("\n"),
  );
  assert.deepEqual(layout, {
    version: 1,
    hierarchies: [
      { mountPoint: "/sys/fs/cgroup/cpu,cpuacct", controllers: ["cpu", "cpuacct"] },
      { mountPoint: "/sys/fs/cgroup/systemd", controllers: ["name=systemd"] },
      { mountPoint: "/sys/fs/cgroup/unified", controllers: [] },
    ],
  });
});

test("no cgroups", () => {
  assert.equal(parseCgroupLayout("24 1 8:1 / / rw - ext4 /dev/sda1 rw\n"), undefined);
});
