/** The daemon is killed at the worst moments: containers go on, and a second start knows all that happened. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bringBusybox } from "../kit/bring-images.ts";
import { type TestDaemon, withDaemon } from "../kit/daemon.ts";
import { dockerOf } from "../kit/docker.ts";
import { leftovers, snapshotOfHost } from "../kit/host-snapshot.ts";
import { pageOf } from "../kit/http.ts";
import { freePort } from "../kit/ports.ts";
import { until } from "../kit/wait.ts";

/** Counts for ever into the log, four numbers a second, and ends with `$1` when the file /tmp/end appears. */
const counter = 'i=0; while [ ! -e /tmp/end ]; do i=$((i+1)); echo "line $i"; sleep 0.25; done; exit "$1"';

test("20 containers run, 5 end while the daemon is away: nothing is lost", async () => {
  await withDaemon(async (daemon) => {
    const docker = dockerOf(daemon.host);
    await bringBusybox(docker);
    const port = await freePort();
    const serve = "mkdir /www; echo still here > /www/index.html; exec httpd -f -p 80 -h /www";
    await docker.ok("run", "-d", "--name", "web", "-p", `127.0.0.1:${port}:80`, "bb", "sh", "-c", serve);
    const goOn = Array.from({ length: 14 }, (_, index) => `on${index}`);
    const end = Array.from({ length: 5 }, (_, index) => `end${index}`);
    for (const name of goOn) await docker.ok("run", "-d", "--name", name, "bb", "sh", "-c", counter, "sh", "0");
    for (const [index, name] of end.entries()) {
      // They end by themselves two seconds after the file appears that they are given before the kill.
      const script = `while [ ! -e /tmp/go ]; do sleep 0.05; done; for i in 1 2 3 4 5 6 7 8; do echo "line $i"; sleep 0.25; done; exit ${index + 1}`;
      await docker.ok("run", "-d", "--name", name, "bb", "sh", "-c", script);
    }
    assert.equal(await pageOf(`http://127.0.0.1:${port}/`), "still here\n");
    const pids = new Map<string, string>();
    for (const name of goOn) pids.set(name, await docker.ok("inspect", "-f", "{{.State.Pid}}", name));
    await Promise.all(end.map((name) => docker.ok("exec", name, "touch", "/tmp/go")));

    await daemon.kill();
    const away = Date.now();
    assert.equal(await pageOf(`http://127.0.0.1:${port}/`), "still here\n", "a published port works without a daemon");
    await sleep(3500);
    const back = Date.now();
    const took = await daemon.start();
    assert.ok(took < 5000, `the second start took ${took} ms`);

    const running = (await docker.ok("ps", "--format", "{{.Names}}")).split("\n").sort();
    assert.deepEqual(running, [...goOn, "web"].sort());
    for (const [index, name] of end.entries()) {
      const [status, code, finished = ""] = (
        await docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.FinishedAt}}", name)
      ).split(" ");
      assert.deepEqual([status, code], ["exited", String(index + 1)], name);
      const at = Date.parse(finished);
      assert.ok(at > away - 1000 && at < back, `${name} ended at ${finished}, while the daemon was away`);
      assert.equal(
        await docker.ok("logs", name),
        Array.from({ length: 8 }, (_, line) => `line ${line + 1}`).join("\n"),
      );
    }
    assert.equal(await pageOf(`http://127.0.0.1:${port}/`), "still here\n");
    assert.equal(await docker.ok("exec", "web", "cat", "/www/index.html"), "still here");
    for (const name of goOn) {
      assert.equal(
        await docker.ok("inspect", "-f", "{{.State.Pid}}", name),
        pids.get(name),
        `${name} is the same process`,
      );
      assert.equal(await docker.ok("exec", name, "touch", "/tmp/end"), "");
    }
    for (const name of goOn) {
      assert.equal(await docker.ok("wait", name), "0");
      const lines = (await docker.ok("logs", name)).split("\n");
      assert.ok(lines.length > 14, `${name} wrote ${lines.length} lines`);
      assert.deepEqual(
        lines,
        lines.map((_, index) => `line ${index + 1}`),
        `${name}: a line is missing or doubled`,
      );
    }
    // The ports are the container's again, not only the kernel's.
    const taken = await docker.run(["run", "--rm", "-p", `127.0.0.1:${port}:80`, "bb", "true"]);
    assert.match(taken.stderr, /port is already allocated/);
    await docker.ok("rm", "-f", "web");
    await assert.rejects(pageOf(`http://127.0.0.1:${port}/`, 0));
  });
});

test("a followed log and a wait can be taken up again after a restart", async () => {
  await withDaemon(async (daemon) => {
    const docker = dockerOf(daemon.host);
    await bringBusybox(docker);
    await docker.ok("run", "-d", "--name", "cc", "bb", "sh", "-c", counter, "sh", "9");
    const first = docker.start("logs", "-f", "cc");
    const ended = new Promise((resolve) => first.once("close", resolve));
    await until("a line", async () => (await docker.ok("logs", "cc")) !== "");
    await daemon.kill();
    await ended;
    await daemon.start();
    const wait = docker.run(["wait", "cc"]);
    const second = docker.start("logs", "-f", "cc");
    let shown = "";
    second.stdout.on("data", (data: Buffer) => {
      shown += data.toString();
    });
    const secondEnded = new Promise((resolve) => second.once("close", resolve));
    await until("a new line", () => /line 6/.test(shown));
    await docker.ok("exec", "cc", "touch", "/tmp/end");
    assert.equal((await wait).stdout.trim(), "9");
    await secondEnded;
    const lines = shown.trim().split("\n");
    assert.deepEqual(
      lines,
      lines.map((_, index) => `line ${index + 1}`),
    );
  });
});

test("a daemon that is asked to stop leaves its containers running too", async () => {
  await withDaemon(async (daemon) => {
    const docker = dockerOf(daemon.host);
    await bringBusybox(docker);
    await docker.ok("run", "-d", "--name", "cc", "bb", "sleep", "1000");
    const pid = await docker.ok("inspect", "-f", "{{.State.Pid}}", "cc");
    await daemon.kill("SIGTERM");
    process.kill(Number(pid), 0);
    await daemon.start();
    assert.equal(await docker.ok("inspect", "-f", "{{.State.Status}} {{.State.Pid}}", "cc"), `running ${pid}`);
    await docker.ok("stop", "-t", "0", "cc");
  });
});

test("a container that is killed while the daemon is away is known as 137", async () => {
  await withDaemon(async (daemon) => {
    const docker = dockerOf(daemon.host);
    await bringBusybox(docker);
    await docker.ok("run", "-d", "--name", "cc", "bb", "sleep", "1000");
    const pid = Number(await docker.ok("inspect", "-f", "{{.State.Pid}}", "cc"));
    await daemon.kill();
    process.kill(pid, "SIGKILL");
    await sleep(300);
    await daemon.start();
    assert.equal(await docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "cc"), "exited 137");
    await docker.ok("start", "cc");
    assert.equal(await docker.ok("inspect", "-f", "{{.State.Status}}", "cc"), "running");
  });
});

/** Kills the daemon in the midst of `storm`, starts it again and expects that everything can be used and removed. */
async function killedDuring(daemon: TestDaemon, delay: number, storm: () => Promise<unknown>): Promise<void> {
  const work = storm();
  await sleep(delay);
  await daemon.kill();
  await work;
  await daemon.start();
}

test("killed in the midst of creations, starts and removals, ten times: what is left is whole and can be removed", async () => {
  const before = snapshotOfHost();
  await withDaemon(async (daemon) => {
    const docker = dockerOf(daemon.host);
    await bringBusybox(docker);
    for (let round = 0; round < 10; round++) {
      const names = Array.from({ length: 6 }, (_, index) => `r${round}-${index}`);
      await killedDuring(daemon, 40 + round * 35, async () => {
        const runs = names.map((name) => docker.run(["run", "-d", "--name", name, "-p", "80", "bb", "sleep", "1000"]));
        const removals = names.map((_, index) => docker.run(["rm", "-f", `r${round - 1}-${index}`]));
        await Promise.all([...runs, ...removals]);
      });
      const listed = (await docker.ok("ps", "-a", "--format", "{{.Names}} {{.State}}")).split("\n").filter(Boolean);
      for (const line of listed) {
        const [name = "", state] = line.split(" ");
        assert.match(state ?? "", /^(created|running|exited|dead)$/, line);
        if (state === "running") assert.equal(await docker.ok("exec", name, "echo", "alive"), "alive");
        if (state === "created") assert.equal((await docker.run(["start", name])).code, 0, `${name} cannot be started`);
      }
    }
    const all = (await docker.ok("ps", "-aq")).split("\n").filter(Boolean);
    if (all.length > 0) await docker.ok("rm", "-f", ...all);
    assert.equal(await docker.ok("ps", "-aq"), "");
    assert.equal(await docker.ok("run", "--rm", "bb", "echo", "fine"), "fine");
    await daemon.kill("SIGTERM");
    const left = leftovers(before, snapshotOfHost(), daemon);
    assert.deepEqual(
      left.filter((line) => /^(mounts|namespaces|processes)/.test(line) || /[0-9a-f]{64}/.test(line)),
      [],
    );
  });
});

test("killed while an image is loaded: no half image, and it can be loaded again", async () => {
  await withDaemon(async (daemon) => {
    const docker = dockerOf(daemon.host);
    const { busyboxFiles, dockerArchive } = await import("../kit/images.ts");
    const { tarOf } = await import("../kit/tar.ts");
    const { randomBytes } = await import("node:crypto");
    const layers = [tarOf(busyboxFiles()), tarOf([{ name: "big", data: randomBytes(60 * 1024 * 1024) }])];
    const input = dockerArchive({ tag: "big:one", layers, config: { Cmd: ["wc", "-c", "/big"] } });
    for (const delay of [30, 120, 300]) await killedDuring(daemon, delay, () => docker.run(["load"], { input }));
    const listed = await docker.ok("images", "--format", "{{.Repository}}");
    if (listed !== "")
      assert.equal((await docker.run(["run", "--rm", "big:one"])).code, 0, "an image that is listed is whole");
    assert.equal((await docker.run(["load"], { input })).code, 0);
    assert.match(await docker.ok("run", "--rm", "big:one"), /^62914560/);
  });
});
