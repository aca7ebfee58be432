import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSystem, type SystemDeps } from "./system.ts";

function aDaemon(dataRoot: string, changes: Partial<SystemDeps> = {}): SystemDeps {
  return {
    dataRoot,
    version: "0.1.0",
    labels: ["a=b"],
    isDebug: true,
    loggingDriver: "json-file",
    drivers: { volume: [], network: ["bridge", "host", "null"], log: ["json-file"] },
    runtime: { name: "crun", path: "crun" },
    monitor: { name: "conmon", path: "conmon" },
    registryMirrors: ["http://127.0.0.1:5000/"],
    insecureRegistries: ["127.0.0.1:5000", "10.0.0.0/8"],
    proxy: { http: "", https: "", no: "" },
    containerStates: async () => ["running", "exited", "created", "paused", "restarting"],
    imageCount: async () => 3,
    space: { images: async () => [], containers: async () => [], layersSize: () => 0 },
    ...changes,
  };
}

async function withFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "escale-system-"));
  try {
    await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("info tells what is here", async () => {
  await withFolder(async (folder) => {
    const system = await openSystem(aDaemon(folder));
    const info = await system.info();
    assert.deepEqual(
      [info.Containers, info.ContainersRunning, info.ContainersPaused, info.ContainersStopped, info.Images],
      [5, 2, 1, 2, 3],
    );
    assert.equal(info.KernelVersion, execFileSync("uname", ["-r"], { encoding: "utf8" }).trim());
    assert.equal(info.Architecture, execFileSync("uname", ["-m"], { encoding: "utf8" }).trim());
    assert.equal(info.Name, execFileSync("uname", ["-n"], { encoding: "utf8" }).trim());
    assert.equal(info.NCPU, Number(execFileSync("nproc", { encoding: "utf8" })));
    const memory = /MemTotal: +(\d+) kB/.exec(await readFile("/proc/meminfo", "utf8"))?.[1];
    assert.equal(info.MemTotal, Number(memory) * 1024);
    assert.match(
      await readFile("/etc/os-release", "utf8"),
      new RegExp(`PRETTY_NAME="${info.OperatingSystem.replaceAll(/[()]/g, "\\$&")}"`),
    );
    assert.deepEqual([info.DockerRootDir, info.Debug, info.Labels], [folder, true, ["a=b"]]);
    assert.deepEqual(Object.keys(info.RegistryConfig.IndexConfigs), ["127.0.0.1:5000"]);
    assert.deepEqual(info.RegistryConfig.InsecureRegistryCIDRs, ["::1/128", "127.0.0.0/8", "10.0.0.0/8"]);
    assert.deepEqual(info.Runtimes, { crun: { path: "crun" } });
    assert.ok(info.NFd > 3);
  });
});

test("the engine keeps its id", async () => {
  await withFolder(async (folder) => {
    const first = await (await openSystem(aDaemon(folder))).info();
    const second = await (await openSystem(aDaemon(folder))).info();
    assert.match(first.ID, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(second.ID, first.ID);
  });
});

test("version names the programs that are here, and only those", async () => {
  await withFolder(async (folder) => {
    const system = await openSystem(aDaemon(folder, { monitor: { name: "conmon", path: join(folder, "no") } }));
    const version = await system.version();
    assert.deepEqual([version.Version, version.ApiVersion, version.MinAPIVersion], ["28.5.2", "1.51", "1.24"]);
    assert.deepEqual(
      version.Components.map(({ Name }) => Name),
      ["Engine", "escale", "crun"],
    );
    const crun = version.Components.at(-1)?.Version ?? "";
    assert.match(execFileSync("crun", ["--version"], { encoding: "utf8" }), new RegExp(`^crun version ${crun}\n`));
  });
});

test("listeners for events are counted once each", async () => {
  await withFolder(async (folder) => {
    const system = await openSystem(aDaemon(folder));
    const release = system.countEventListener();
    system.countEventListener();
    release();
    release();
    assert.equal((await system.info()).NEventsListener, 1);
  });
});
