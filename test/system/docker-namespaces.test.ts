/** `--init`, and namespaces that containers share. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Engine, openEngine } from "../kit/engine.ts";

let engine: Engine;

before(async () => {
  engine = await openEngine();
});
after(() => engine[Symbol.asyncDispose]());

async function running(options: readonly string[], ...command: string[]): Promise<string> {
  const name = engine.name();
  const words = command.length > 0 ? command : ["sleep", "1000"];
  await engine.docker.ok("run", "-d", "--name", name, ...options, "bb", ...words);
  return name;
}

test("--init runs a small init that passes signals on and reaps orphans", async () => {
  const { docker } = engine;
  const name = await running(["--init"], "sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done");
  assert.match(await docker.ok("exec", name, "cat", "/proc/1/cmdline"), /^\/sbin\/docker-init\0--\0sh\0-c\0/);
  assert.match(await docker.ok("exec", name, "grep", "docker-init", "/proc/mounts"), / \/sbin\/docker-init \S+ ro[, ]/);
  assert.equal(await docker.ok("inspect", "-f", "{{.Path}} {{.HostConfig.Init}} {{len .Args}}", name), "sh true 2");
  await docker.ok("exec", name, "sh", "-c", "(sh -c 'sleep 0.1 & exit 0') & sleep 0.3");
  assert.doesNotMatch(await docker.ok("exec", name, "ps", "-o", "stat,comm"), /^Z/m);
  await docker.ok("stop", name);
  assert.equal(await docker.ok("inspect", "-f", "{{.State.ExitCode}}", name), "7");
  const missing = await docker.run(["run", "--rm", "--init", "bb", "nosuch"]);
  assert.equal(missing.code, 127);
});

test("--pid, --ipc and --network join those of a running container", async () => {
  const { docker } = engine;
  const donor = await running(["--ipc", "shareable", "--hostname", "donor", "--add-host", "x:10.1.2.3"]);
  const of = `container:${donor}`;
  await docker.ok("exec", donor, "sh", "-c", "echo shared > /dev/shm/word");
  const joined = await running(["--pid", of, "--ipc", of, "--network", of], "sh", "-c", "sleep 2000 & wait");
  const inside = (name: string, ...command: string[]): Promise<string> => docker.ok("exec", name, ...command);
  for (const namespace of ["pid", "ipc", "net"]) {
    const file = `/proc/self/ns/${namespace}`;
    assert.equal(await inside(joined, "readlink", file), await inside(donor, "readlink", file), namespace);
  }
  assert.equal(await inside(joined, "cat", "/dev/shm/word"), "shared");
  assert.equal(await inside(joined, "hostname"), "donor");
  assert.match(await inside(joined, "cat", "/etc/hosts"), /^10\.1\.2\.3\tx$/m);
  const id = await docker.ok("inspect", "-f", "{{.Id}}", donor);
  const shown = "{{.HostConfig.PidMode}} {{.HostConfig.IpcMode}} {{.HostConfig.NetworkMode}} {{.Config.Hostname}}";
  assert.equal(
    await docker.ok("inspect", "-f", shown, joined),
    `container:${id} container:${id} container:${id} donor`,
  );
  const settings = "{{json .NetworkSettings.Networks}} {{json .NetworkSettings.Ports}} {{.NetworkSettings.SandboxKey}}";
  assert.equal(await docker.ok("inspect", "-f", settings, joined), "{} {} ");
  const files = "{{.HostsPath}} {{.ResolvConfPath}} {{.HostnamePath}}";
  assert.equal(await docker.ok("inspect", "-f", files, joined), await docker.ok("inspect", "-f", files, donor));
  await docker.ok("kill", joined);
  assert.doesNotMatch(await inside(donor, "ps"), /sleep 2000/);
  await docker.ok("rm", "-f", joined);
  await docker.ok("restart", "-t", "0", donor);
  assert.equal(await docker.ok("run", "--rm", "--ipc", of, "bb", "ls", "/dev/shm"), "");
});

test("who shares a network loses it with its owner, and nobody gets an address twice", async () => {
  const { docker } = engine;
  const donor = await running([]);
  const guest = await running(["--network", `container:${donor}`]);
  assert.match(await docker.ok("exec", guest, "ip", "link", "show", "eth0"), /[<,]UP[,>]/);
  await docker.ok("kill", donor);
  assert.doesNotMatch(await docker.ok("exec", guest, "ip", "link", "show", "eth0"), /[<,]UP[,>]/);
  await docker.ok("start", donor);
  assert.match(await docker.ok("exec", donor, "ip", "link", "show", "eth0"), /[<,]UP[,>]/);
});

test("what cannot be joined is told in Docker's words", async () => {
  const { docker } = engine;
  const plain = await running([]);
  const id = await docker.ok("inspect", "-f", "{{.Id}}", plain);
  const refused = async (...options: string[]): Promise<string> => {
    const name = engine.name();
    const { code, stderr } = await docker.run(["run", "--name", name, ...options, "bb", "true"]);
    assert.equal(code, 125);
    return stderr.split("\n")[0]?.replace(/^docker: Error response from daemon: /, "") ?? "";
  };
  assert.equal(
    await refused("--ipc", `container:${plain}`),
    `failed to join IPC namespace: container ${id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
  );
  await docker.ok("kill", plain);
  const of = `container:${plain}`;
  assert.equal(await refused("--pid", of), `failed to join PID namespace: container ${id} is not running`);
  assert.equal(await refused("--ipc", of), `failed to join IPC namespace: container ${id} is not running`);
  const notRunning = "cannot join network namespace of a non running container";
  assert.equal(await refused("--network", of), `${notRunning}: container ${plain} is exited`);
  assert.equal(await refused("--pid", "container:nope"), "No such container: nope");
  assert.equal(
    await refused("--network", "container:nope"),
    "joining network namespace of container: No such container: nope",
  );
  const conflicts: readonly (readonly [string, string, string])[] = [
    ["--hostname", "x", "hostname and the network mode"],
    ["--dns", "1.1.1.1", "dns and the network mode"],
    ["--add-host", "a:1.2.3.4", "custom host-to-IP mapping and the network mode"],
    ["--publish", "80", "port publishing and the container type network mode"],
    ["--expose", "80", "port exposing and the container type network mode"],
  ];
  for (const [flag, value, text] of conflicts) {
    assert.equal(await refused("--network", of, flag, value), `conflicting options: ${text}`);
  }
});
