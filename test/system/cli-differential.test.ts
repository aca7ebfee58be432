/**
 * Every command line of the list gives the same output and exit code with the stock command line and with Escale's, on
 * the same daemon: first the stock one at ESCALE_TEST_DOCKER_HOST, then Escale's own. ESCALE_TEST_DOCKER names the stock
 * command line.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startDaemon } from "../kit/daemon.ts";
import scenarios from "./cli-differential.data.json" with { type: "json" };
import { escaleCommand, type Outcome, required, runProgram, splitWords, temporaryFolder } from "./commands.ts";

interface Scenario {
  readonly lines: readonly string[];
  /** What the stock command line does before, for each side anew. */
  readonly prepare?: readonly string[];
  readonly input?: string;
  /** What to compare, when not everything. */
  readonly only?: string;
  /** Widths depend on numbers that differ. */
  readonly collapse?: boolean;
}

const docker = required("ESCALE_TEST_DOCKER", "the stock docker binary");
const stockHost = required("ESCALE_TEST_DOCKER_HOST", "the address of the stock daemon to compare on");
const run = `esccli${process.pid}`;
const image = `${run}/busybox:1`;

/** What differs from one container, or one moment, to the next. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/escale|docker/gi, "escale"],
  [/\b[0-9a-f]{64}\b/g, "ID64"],
  [/\b[0-9a-f]{12}\b/g, "ID12"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)?/g, "TIME"],
  [/"(time|timeNano)":\d+/g, '"$1":0'],
  [/(Less than a second|About a minute|\d+ (seconds?|minutes?)) ago/g, "SPAN ago"],
  [/Up (Less than a second|\d+ seconds?)/g, "Up SPAN"],
  [/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "MAC"],
  [/\b172\.\d+\.\d+\.\d+/g, "IP"],
  [/(docker|escale)-import-\d+/g, "IMPORT"],
  [/127\.0\.0\.1:(3[2-9]|[4-6]\d)\d{3}\b/g, "127.0.0.1:PORT"],
  [/"HostPort": ?"\d+"/g, '"HostPort":"PORT"'],
  [/"(Pid|StartedAt|FinishedAt)": ?("[^"]*"|\d+)/g, '"$1":0'],
  [/"Containers":"\d+"/g, '"Containers":"N"'],
  [/execDuration=\d+/g, "execDuration=N"],
  [/\b[0-9a-f]{14}\u2026/g, "ID14\u2026"],
  [/SRun '/g, "Run '"],
  [/ Runtimes: (.*)/g, "Runtimes"],
  [/lookup \S+ on \S+: .*/g, "lookup"],
];

function masked(text: string, name: string): string {
  let result = text.replaceAll(name, "NAME");
  for (const [pattern, replacement] of masks) result = result.replace(pattern, replacement);
  // Widths of columns follow the longest span: the layout itself is compared where there are no spans.
  return result.includes("SPAN") ? result.replace(/ +/g, " ") : result;
}

function compared(outcome: Outcome, scenario: Scenario, name: string): object {
  const stderr = masked(outcome.stderr, name);
  // Escale's help pages end in examples, which Docker's lack; Docker's name a page of its own about templates.
  const plain = outcome.stdout
    .replace(/\n\nExamples:\n( .*\n)+/, "\n")
    .replace(/\n +Refer to https:[\s\S]*?templates(?=\n)/g, "");
  let stdout = masked(plain, name);
  if (scenario.collapse) stdout = stdout.replace(/ +/g, " ").replace(/\b\d+\b/g, "N");
  if (scenario.only === "server")
    stdout = stdout.slice(stdout.indexOf("\nServer:")).replace(/( \w+): \d+\n/g, "$1: N\n");
  switch (scenario.only) {
    case "code":
      return { code: outcome.code };
    case "stderr":
      return { code: outcome.code, stderr };
    default:
      return { code: outcome.code, stdout, stderr };
  }
}

/** A daemon to compare on, for as long as its tests run. */
type Target = () => Promise<{ readonly host: string } & AsyncDisposable>;

const targets: Readonly<Record<string, Target>> = {
  "the stock daemon": async () => ({ host: stockHost, [Symbol.asyncDispose]: async () => undefined }),
  "Escale's daemon": () => startDaemon(),
};

for (const [title, open] of Object.entries(targets)) {
  describe(`command lines on ${title}`, { concurrency: 3 }, () => compareOn(open));
}

function compareOn(open: Target): void {
  let daemon: Awaited<ReturnType<Target>>;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const environment = (): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOME: folder.path,
    DOCKER_HOST: daemon.host,
    DOCKER_CONFIG: join(folder.path, "config"),
  });
  const stock = (line: string): Promise<Outcome> => runProgram([docker, ...splitWords(line)], { env: environment() });

  before(async () => {
    daemon = await open();
    folder = await temporaryFolder();
    await importBusybox(join(folder.path, "root"), environment());
  });
  after(async () => {
    const left = await stock(`ps -aq --filter name=${run}`);
    const ids = left.stdout.split("\n").filter((id) => id !== "");
    if (ids.length > 0) await stock(`rm -fv ${ids.join(" ")}`);
    const images = await stock(`images -q --filter reference=${run}* --filter reference=${run}/*`);
    const found = [...new Set(images.stdout.split("\n").filter((id) => id !== ""))];
    if (found.length > 0) await stock(`rmi -f ${found.join(" ")}`);
    await folder[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
  });

  for (const [index, scenario] of (scenarios as readonly Scenario[]).entries()) {
    describe(`${scenario.lines[0]}${scenario.lines.length > 1 ? " …" : ""}`, () => {
      const results = new Map<string, object[]>();
      before(async () => {
        for (const side of ["docker", "escale"]) {
          const name = `${run}-${index}-${side}`;
          const named = (line: string): string => line.replaceAll("NAME", name).replaceAll("IMAGE", image);
          for (const line of scenario.prepare ?? []) await stock(named(line));
          const program = side === "docker" ? [docker] : escaleCommand;
          const outcomes: object[] = [];
          for (const line of scenario.lines) {
            const words = splitWords(named(line));
            const options = { env: environment(), input: scenario.input ?? "" };
            outcomes.push(compared(await runProgram([...program, ...words], options), scenario, name));
          }
          results.set(side, outcomes);
          await stock(`rm -fv ${name}`);
        }
      });
      for (const [position, line] of scenario.lines.entries()) {
        test(line, () => assert.deepEqual(results.get("escale")?.[position], results.get("docker")?.[position]));
      }
    });
  }
}

/** Makes the image that the list calls IMAGE from this machine's busybox. */
async function importBusybox(root: string, env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(join(root, "bin"), { recursive: true });
  await mkdir(join(root, "etc"));
  await mkdir(join(root, "tmp"));
  await copyFile("/bin/busybox", join(root, "bin/busybox"));
  for (const applet of ["sh", "cat", "echo", "env", "id", "pwd", "sleep", "true", "wc", "ls"]) {
    await symlink("busybox", join(root, "bin", applet));
  }
  await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  const tar = spawn("tar", ["-C", root, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
  const load = spawn(docker, ["import", "-c", 'CMD ["sh"]', "-", image], {
    env,
    stdio: [tar.stdout, "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => load.on("close", resolve));
  assert.equal(code, 0, "the image for the comparison could not be imported");
}
