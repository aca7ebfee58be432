/** After everything is removed and the daemon is stopped, the host is as before. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { bringBusybox } from "../kit/bring-images.ts";
import { startDaemon, withDaemon } from "../kit/daemon.ts";
import { dockerOf } from "../kit/docker.ts";
import { leftovers, snapshotOfHost } from "../kit/host-snapshot.ts";
import { freePort } from "../kit/ports.ts";
import { until } from "../kit/wait.ts";

test("no mount, namespace, veth, cgroup, rule, process or folder stays behind", async () => {
  await withDaemon(async (daemon) => {
    const docker = dockerOf(daemon.host);
    await bringBusybox(docker);
    await docker.ok("run", "--rm", "bb", "true");
    // What is removed in the background has gone by then.
    await until("the first container's folder is gone", () => !folderNames(daemon.dataRoot).some(isOfContainer));
    const before = snapshotOfHost();
    const folders = folderNames(daemon.dataRoot);
    const names = Array.from({ length: 6 }, (_, index) => `left${index}`);
    for (const name of names) {
      await docker.ok("run", "-d", "--name", name, "-p", `127.0.0.1:${await freePort()}:80`, "bb", "sleep", "1000");
      await docker.ok("exec", name, "sh", "-c", "echo x > /file");
    }
    await docker.ok("restart", "-t", "0", "left0");
    await docker.ok("pause", "left1");
    await docker.ok("stop", "-t", "0", "left2");
    await docker.run(["run", "-d", "--name", "left6", "-p", "127.0.0.1:1:80", "bb", "no-such-command"]);
    await docker.run(["run", "-d", "--name", "left7", "--network", "nosuch", "bb", "true"]);
    await docker.ok("run", "-d", "--name", "left8", "--network", "host", "bb", "sleep", "1000");
    await docker.ok("create", "--name", "left9", "bb", "true");
    await daemon.kill();
    await daemon.start();
    await docker.ok("rm", "-f", "-v", ...(await docker.ok("ps", "-aq")).split("\n"));
    await until(
      "nothing is left of the containers",
      () => leftovers(before, snapshotOfHost(), daemon).length === 0,
      5000,
    ).catch(() => assert.deepEqual(leftovers(before, snapshotOfHost(), daemon), []));
    assert.deepEqual(folderNames(daemon.dataRoot), folders);
    await docker.ok("rmi", "bb");
  });
});

test("a daemon that is stopped without containers leaves nothing on the host", async () => {
  const before = snapshotOfHost();
  const daemon = await startDaemon();
  try {
    const docker = dockerOf(daemon.host);
    await bringBusybox(docker);
    await docker.ok("run", "--name", "cc", "-p", "80", "bb", "true");
    await docker.ok("rm", "cc");
    await docker.ok("rmi", "bb");
    await daemon.kill("SIGTERM");
    assert.deepEqual(leftovers(before, snapshotOfHost(), daemon), []);
    assert.ok(!existsSync(daemon.host.replace("unix://", "")), "the socket is gone");
  } finally {
    await daemon[Symbol.asyncDispose]();
  }
  assert.deepEqual(leftovers(before, snapshotOfHost(), daemon), []);
});

const isOfContainer = (path: string): boolean => /^(containers|snapshots)\//.test(path);

/** Folders of the data root two levels deep, without those of images. */
function folderNames(dataRoot: string): string[] {
  return readdirSync(dataRoot, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => readdirSync(`${dataRoot}/${entry.name}`).map((name) => `${entry.name}/${name}`))
    .sort();
}
