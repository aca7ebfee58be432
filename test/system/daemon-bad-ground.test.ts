/** Bad ground under the daemon: a full disk, data of a newer version, a socket in use. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { bringBusybox } from "../kit/bring-images.ts";
import { startDaemon, withDaemon } from "../kit/daemon.ts";
import { dockerOf } from "../kit/docker.ts";
import { busyboxFiles, dockerArchive, ociArchive } from "../kit/images.ts";
import { tarOf } from "../kit/tar.ts";

test("a pure OCI layout is loaded by its reference names", async () => {
  await withDaemon(async (daemon) => {
    const docker = dockerOf(daemon.host);
    const input = ociArchive({
      tag: "oci:v2",
      layers: [tarOf(busyboxFiles())],
      config: { Cmd: ["echo", "from a layout"] },
    });
    const { code, stdout, stderr } = await docker.run(["load"], { input });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Loaded image: oci:v2/);
    assert.equal(await docker.ok("run", "--rm", "oci:v2"), "from a layout");
  });
});

test("a full disk: the load and the import fail, nothing half-made stays, the daemon goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "escale-test-"));
  mkdirSync(join(folder, "data"));
  assert.equal(spawnSync("mount", ["-t", "tmpfs", "-o", "size=40m", "full", join(folder, "data")]).status, 0);
  await withDaemon(
    async (daemon) => {
      const docker = dockerOf(daemon.host);
      await bringBusybox(docker);
      const used = (): number =>
        Number(spawnSync("df", ["--output=used", "-k", daemon.dataRoot], { encoding: "utf8" }).stdout.split("\n")[1]);
      const before = used();
      const big = tarOf([...busyboxFiles(), { name: "big", data: randomBytes(60 * 1024 * 1024) }]);
      const load = await docker.run(["load"], { input: dockerArchive({ tag: "big:one", layers: [big] }) });
      assert.notEqual(load.code, 0);
      assert.match(load.stderr + load.stdout, /no space left on device/);
      const imported = await docker.run(["import", "-", "big:two"], { input: big });
      assert.notEqual(imported.code, 0);
      assert.match(imported.stderr, /no space left on device/);
      assert.equal(await docker.ok("images", "--format", "{{.Repository}}"), "bb");
      assert.ok(used() < before + 4000, `${used() - before} kB of the failed images are left`);
      assert.equal(await docker.ok("run", "--rm", "bb", "echo", "fine"), "fine");
      const filled = await docker.run(["run", "--rm", "bb", "dd", "if=/dev/zero", "of=/file", "bs=1M", "count=100"]);
      assert.equal(filled.code, 1);
      assert.match(filled.stderr, /No space left on device/);
      assert.equal(await docker.ok("run", "--rm", "bb", "echo", "fine"), "fine");
    },
    { folder },
  );
});

test("a data root of a newer version is refused and not touched", async () => {
  const folder = mkdtempSync(join(tmpdir(), "escale-test-"));
  const first = await startDaemon({ folder });
  await first.kill("SIGTERM");
  const databases = readdirSync(first.dataRoot, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(db|sqlite)$/.test(name),
  );
  assert.ok(databases.length > 0, "there is a database in the data root");
  for (const name of databases) {
    const database = new DatabaseSync(join(first.dataRoot, name));
    database.exec("PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
  }
  const path = join(first.dataRoot, databases[0] ?? "");
  const before = [readFileSync(path), statSync(path).mtimeMs];
  try {
    await assert.rejects(first.start(), /(newer|version)/);
    assert.deepEqual([readFileSync(path), statSync(path).mtimeMs], before);
  } finally {
    await first[Symbol.asyncDispose]();
  }
});

test("bad configuration ends the start with a reason: a broken file, an unknown flag, an address that is taken", async () => {
  const folder = mkdtempSync(join(tmpdir(), "escale-test-"));
  const file = join(folder, "daemon.json");
  writeFileSync(file, "{ not json");
  await assert.rejects(startDaemon({ args: ["--config-file", file] }), /daemon\.json/);
  await assert.rejects(startDaemon({ args: ["--no-such-flag"] }), /no-such-flag/);
  await assert.rejects(startDaemon({ args: ["-H", "tcp://0.0.0.0:2375"] }), /2375/);
  rmSync(folder, { recursive: true });
});
