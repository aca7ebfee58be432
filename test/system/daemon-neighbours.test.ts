/** Several engines on one machine: two of Escale's, and Escale beside a dockerd, in one network namespace. */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startDockerd } from "../../scripts/dockerd.ts";
import { bringBusybox } from "../kit/bring-images.ts";
import { startDaemon, withDaemon } from "../kit/daemon.ts";
import { type Docker, dockerOf, runCommand } from "../kit/docker.ts";
import { pageOf } from "../kit/http.ts";
import { freePort } from "../kit/ports.ts";

async function web(docker: Docker, text: string, port: number): Promise<void> {
  const script = `mkdir -p /www; echo ${text} > /www/index.html; exec httpd -f -p 80 -h /www`;
  await docker.ok("run", "-d", "--name", "web", "-p", `127.0.0.1:${port}:80`, "bb", "sh", "-c", script);
}

test("two daemons with different data roots have the same names, other things, and both work", async () => {
  await withDaemon(async (one) => {
    await withDaemon(async (two) => {
      const first = dockerOf(one.host);
      const second = dockerOf(two.host);
      const ports = [await freePort(), await freePort()] as const;
      await Promise.all([bringBusybox(first), bringBusybox(second)]);
      await web(first, "one", ports[0]);
      await web(second, "two", ports[1]);
      assert.equal(await pageOf(`http://127.0.0.1:${ports[0]}/`), "one\n");
      assert.equal(await pageOf(`http://127.0.0.1:${ports[1]}/`), "two\n");
      assert.equal(await first.ok("ps", "-a", "--format", "{{.Names}}"), "web");
      const taken = await second.run(["run", "--rm", "-p", `127.0.0.1:${ports[0]}:80`, "bb", "true"]);
      assert.equal(taken.code, 125, "a port of the other daemon's is in use");

      await one.kill();
      await second.ok("rm", "-f", "web");
      await second.ok("run", "--rm", "bb", "true");
      assert.equal(await pageOf(`http://127.0.0.1:${ports[0]}/`), "one\n", "the other's removal takes nothing of it");
      await one.start();
      assert.equal(await first.ok("exec", "web", "cat", "/www/index.html"), "one");
      await two.kill("SIGTERM");
      assert.equal(await pageOf(`http://127.0.0.1:${ports[0]}/`), "one\n");
    });
  });
});

test("a second daemon on the same data root is refused", async () => {
  await withDaemon(async (daemon) => {
    const other = join(daemon.folder, "other.sock");
    const program = join(import.meta.dirname, "../../bin/escale");
    const args = ["daemon", "-H", `unix://${other}`, "--data-root", daemon.dataRoot, "--exec-root", daemon.execRoot];
    const doors = ["--registry-addr", "none", "--aws-addr", "none", "--console-addr", "none"];
    const { code, stderr } = await runCommand(program, [...args, ...doors], { timeoutMs: 20_000 });
    assert.notEqual(code, 0);
    assert.match(stderr, /data/);
    assert.equal((await dockerOf(daemon.host).run(["ps"])).code, 0);
  });
});

test("Escale beside a dockerd in one network namespace: each keeps its containers, rules and bridge", async () => {
  const dockerd = await startDockerd("reference", {
    folder: mkdtempSync(join(tmpdir(), "escale-reference-")),
    isIsolated: true,
  });
  try {
    const inside = ["nsenter", "-t", String(dockerd.pid), "-n"];
    const daemon = await startDaemon({ wrapper: inside });
    try {
      const ours = dockerOf(daemon.host);
      const theirs = dockerOf(dockerd.host);
      await Promise.all([bringBusybox(ours), bringBusybox(theirs)]);
      await web(theirs, "theirs", 8101);
      await web(ours, "ours", 8102);
      const page = async (port: number): Promise<string> => {
        const script = `fetch("http://127.0.0.1:${port}/",{headers:{connection:"close"}}).then(r=>r.text()).then(t=>process.stdout.write(t),e=>{console.error(e);process.exit(1)})`;
        const { stdout, stderr } = await runCommand("nsenter", [...inside.slice(1), process.execPath, "-e", script]);
        return stdout + stderr;
      };
      assert.equal(await page(8101), "theirs\n");
      assert.equal(await page(8102), "ours\n");
      const rules = await runCommand("nsenter", [...inside.slice(1), "iptables-save"]);
      await daemon.kill();
      await daemon.start();
      await ours.ok("rm", "-f", "web");
      const after = await runCommand("nsenter", [...inside.slice(1), "iptables-save"]);
      const strip = (text: string): string => text.replace(/^#.*$|\[\d+:\d+\]/gm, "");
      assert.equal(strip(after.stdout), strip(rules.stdout), "the neighbour's rules are as they were");
      assert.equal(await page(8101), "theirs\n");
      assert.equal(await theirs.ok("exec", "web", "cat", "/www/index.html"), "theirs");
    } finally {
      await daemon[Symbol.asyncDispose]();
    }
  } finally {
    await dockerd.stop();
  }
});
