/**
 * Runs the system tests: brings the stock docker command, and a reference dockerd to compare command lines on.
 *
 *     npm run test:system [-- FILE...]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { clients } from "./debian-packages.ts";
import { startDockerd } from "./dockerd.ts";

const folder = join(import.meta.dirname, "../test/system");

async function main(): Promise<number> {
  if (process.getuid?.() !== 0)
    throw new Error("the system tests need root: they make namespaces, mounts and control groups");
  const all = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
  const files =
    process.argv.length > 2
      ? process.argv.slice(2).map((name) => resolve(name))
      : all.map((name) => join(folder, name));
  console.log("test: starting the reference dockerd");
  const dockerd = await startDockerd("reference", {
    folder: mkdtempSync(join(tmpdir(), "escale-reference-")),
    isIsolated: true,
  });
  try {
    const env = { ...process.env, ESCALE_TEST_DOCKER: clients().docker, ESCALE_TEST_DOCKER_HOST: dockerd.host };
    // One after the other: some compare the whole host before and after.
    const options = ["--test", "--test-concurrency=1", "--test-timeout=300000"];
    const child = spawn(process.execPath, [...options, ...files], { env, stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
    return await new Promise((done, fail) => {
      child.once("error", fail);
      child.once("close", (code) => done(code ?? 1));
    });
  } finally {
    await dockerd.stop();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`test: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
