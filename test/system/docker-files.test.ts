/** `docker cp`, `docker diff` and `docker export`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openEngine } from "../kit/engine.ts";
import { tarOf } from "../kit/tar.ts";

const engine = await openEngine();
const folder = mkdtempSync(join(tmpdir(), "escale-files-"));
after(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
const { docker } = engine;
const [runs, stopped, readOnly] = [engine.name(), engine.name(), engine.name()];
const script =
  "mkdir -p /d/sub; echo hi >/d/f; ln -s f /d/l; ln -s /d /ld; ln -s /nowhere /dang; ln -s / /d/out; " +
  "rm -r /tmp; mkdir /tmp; echo x >/etc/new; rm /bin/yes; echo t >/mem/t; sleep 1000";

before(async () => {
  mkdirSync(join(folder, "bind"));
  writeFileSync(join(folder, "bind/b"), "bound\n");
  writeFileSync(join(folder, "file"), "from the host\n");
  const bind = ["-v", `${folder}/bind:/bind`, "-v", `${folder}/bind:/readonly:ro`];
  await docker.ok("run", "-d", "--name", runs, ...bind, "--tmpfs", "/mem", "bb", "sh", "-c", script);
  await docker.ok("create", "--name", stopped, ...bind, "-u", "7:8", "bb", "true");
  await docker.ok("run", "-d", "--name", readOnly, "--read-only", "bb", "sleep", "1000");
  await docker.ok("exec", runs, "sh", "-c", "until [ -e /mem/t ]; do sleep 0.05; done");
});

async function put(target: string, members: Parameters<typeof tarOf>[0]): Promise<string> {
  const { code, stderr } = await docker.run(["cp", "-", target], { input: tarOf(members) });
  return code === 0 ? "" : stderr.trim().replace("Error response from daemon: ", "");
}

async function names(...args: readonly string[]): Promise<string[]> {
  const { bytes } = await docker.run(args);
  writeFileSync(join(folder, "out.tar"), bytes);
  return execFileSync("tar", ["-tPf", join(folder, "out.tar")], { encoding: "utf8" })
    .trim()
    .split("\n")
    .sort();
}

for (const name of [runs, stopped]) {
  test(`files go in and come out, binds included (${name === runs ? "running" : "stopped"})`, async () => {
    await docker.ok("cp", join(folder, "file"), `${name}:/tmp/copy`);
    await docker.ok("cp", join(folder, "file"), `${name}:/bind/${name}`);
    assert.equal(readFileSync(join(folder, "bind", name), "utf8"), "from the host\n");
    await docker.ok("cp", `${name}:/tmp/copy`, join(folder, "back"));
    assert.equal(readFileSync(join(folder, "back"), "utf8"), "from the host\n");
    await docker.ok("cp", `${name}:/bind/b`, join(folder, "b"));
    assert.equal(readFileSync(join(folder, "b"), "utf8"), "bound\n");
    assert.match(await docker.fails("cp", `${name}:/nope`, folder), /Could not find the file \/nope in container/);
    assert.match(await docker.fails("cp", join(folder, "file"), `${name}:/readonly/x`), /volume is marked read-only/);
  });
}

test("paths follow links only where asked, and never outside", async () => {
  assert.deepEqual(await names("cp", `${runs}:/d/`, "-"), ["d/", "d/f", "d/l", "d/out", "d/sub/"]);
  assert.deepEqual(await names("cp", `${runs}:/ld`, "-"), ["ld"]);
  assert.deepEqual(await names("cp", `${runs}:/ld/.`, "-"), ["./", "./f", "./l", "./out", "./sub/"]);
  assert.deepEqual(await names("cp", `${runs}:/d/out/d/f`, "-"), ["f"]);
  assert.match(await docker.fails("cp", `${runs}:/dang/`, "-"), /Could not find the file \/dang\//);
  assert.match(await docker.fails("cp", `${runs}:/d/f/x`, "-"), /lstat \/d\/f\/x: not a directory/);
  assert.match(await docker.fails("cp", `${runs}:/proc/1/status`, "-"), /Could not find the file/);
  assert.ok(!(await names("cp", `${runs}:/`, "-")).some((name) => /^\/(proc|sys|dev)\/./.test(name)));
});

test("archives do not get out of the folder that they are for", async () => {
  assert.equal(await put(`${runs}:/d/sub`, [{ name: "../../up", data: "x" }]), 'invalid entry name "../../up"');
  const host = join(folder, "host");
  symlinkSync(folder, join(folder, "bind/leak"));
  await put(`${runs}:/bind`, [{ name: "leak/host", data: "x" }]);
  await put(`${runs}:/d/sub`, [
    { name: "l", type: "symlink", target: folder },
    { name: "l/host", data: "x" },
  ]);
  await put(`${runs}:/d/sub`, [
    { name: "u", type: "symlink", target: "../../../../../.." },
    { name: `u${host}`, data: "x" },
  ]);
  await put(`${runs}:/d/sub`, [{ name: "h", type: "hardlink", target: join(folder, "file") }]);
  assert.throws(() => readFileSync(host), { code: "ENOENT" });
  assert.match(await put(`${runs}:/d/f`, [{ name: "x", data: "x" }]), /must be a directory/);
  assert.match(
    await put(`${runs}:/d`, [{ name: "f", type: "directory" }]),
    /cannot overwrite non-directory "f" with directory "\/d"/,
  );
  assert.match(await put(`${readOnly}:/tmp`, [{ name: "x", data: "" }]), /container rootfs is marked read-only/);
});

test("owner, mode and time of the archive are kept, or the container's user owns all", async () => {
  const members = [{ name: "own", data: "x", mode: 0o4751, uid: 5 }];
  assert.equal(await put(`${runs}:/tmp`, members), "");
  assert.equal(await docker.ok("exec", runs, "stat", "-c", "%a %u:%g %Y", "/tmp/own"), "4751 5:5 1700000000");
  await docker.ok("cp", "-a", join(folder, "file"), `${stopped}:/own`);
  const { bytes } = await docker.run(["cp", `${stopped}:/own`, "-"]);
  assert.ok(bytes.includes("0000007\x000000010\0"));
});

test("diff tells what was changed, added and deleted", async () => {
  const lines = (await docker.ok("diff", runs)).split("\n");
  for (const line of ["A /d", "A /d/f", "A /d/l", "C /etc", "A /etc/new", "C /bin", "D /bin/yes", "A /ld"]) {
    assert.ok(lines.includes(line), `${line} is missing of ${lines.join()}`);
  }
  assert.ok(!lines.some((line) => /\/etc\/hosts|\/bin\/sh$/.test(line)));
  assert.equal(await docker.ok("diff", readOnly), "");
});

test("export has the whole file system and nothing that is mounted", async () => {
  const all = await names("export", runs);
  for (const name of ["d/f", "bin/busybox", "etc/new", "bind/", "mem/"]) assert.ok(all.includes(name), name);
  assert.ok(!all.includes("bind/b") && !all.includes("mem/t") && !all.includes("bin/yes"));
  assert.ok((await names("export", stopped)).includes("tmp/copy"));
  assert.match(await docker.fails("export", "no-such-container"), /No such container: no-such-container/);
});

test("commit makes an image of what was changed", async () => {
  const image = `${runs}:made`;
  const options = ["-a", "Somebody", "-m", "a note", "-c", "ENV MADE=yes", "-c", 'CMD ["ls", "/bin/yes"]'];
  const id = await docker.ok("commit", ...options, runs, image);
  try {
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    const check = "echo $MADE; cat /d/f; readlink /d/l; cat /etc/new; ls /bin/yes /tmp/copy";
    const { stdout, stderr } = await docker.run(["run", "--rm", image, "sh", "-c", check]);
    assert.equal(stdout, "yes\nhi\nf\nx\n/tmp/copy\n", stderr);
    const format = "{{.Author}} {{.Comment}} {{json .Config.Cmd}}";
    assert.equal(await docker.ok("inspect", "-f", format, image), 'Somebody a note ["ls","/bin/yes"]');
    assert.equal(await docker.ok("inspect", "-f", "{{.State.Status}}", runs), "running");
  } finally {
    await docker.ok("rmi", image);
  }
  assert.match(await docker.fails("commit", "-c", "FROM x", runs), /FROM is not a valid change command/);
  assert.match(await docker.fails("commit", "no-such-container"), /No such container: no-such-container/);
});
