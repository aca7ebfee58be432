/** `docker logs`: complete, followed, cut by number and by time. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openEngine } from "../kit/engine.ts";
import { until } from "../kit/wait.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker } = engine;

async function finished(script: string): Promise<string> {
  const name = engine.name();
  await docker.run(["run", "--name", name, "bb", "sh", "-c", script]);
  return name;
}

test("logs keep streams apart and in order", async () => {
  const name = await finished("for i in 1 2 3; do echo out$i; echo err$i >&2; done");
  const { stdout, stderr } = await docker.run(["logs", name]);
  assert.deepEqual([stdout, stderr], ["out1\nout2\nout3\n", "err1\nerr2\nerr3\n"]);
});

test("100,000 lines, lines of 100 kB, zero bytes and a last line without an end are all there", async () => {
  const many = await finished("seq 1 100000");
  const lines = (await docker.ok("logs", many)).split("\n");
  assert.equal(lines.length, 100_000);
  assert.deepEqual([lines[0], lines[49_999], lines[99_999]], ["1", "50000", "100000"]);

  const long = await finished("head -c 100000 /dev/zero | tr '\\0' x; echo; printf end");
  assert.equal((await docker.run(["logs", long])).stdout, `${"x".repeat(100_000)}\nend`);

  const binary = await finished("printf 'a\\000\\001b\\n'");
  assert.deepEqual((await docker.run(["logs", binary])).bytes, Buffer.from([0x61, 0, 1, 0x62, 0x0a]));
});

test("--tail, -n 0 and --tail with stderr", async () => {
  const name = await finished("seq 1 50");
  assert.equal(await docker.ok("logs", "--tail", "3", name), "48\n49\n50");
  assert.equal(await docker.ok("logs", "-n", "0", name), "");
  assert.equal((await docker.ok("logs", "--tail", "1000", name)).split("\n").length, 50);
});

test("-t puts RFC 3339 times with nanoseconds before each line, ascending", async () => {
  const name = await finished("echo a; sleep 0.05; echo b");
  const lines = (await docker.ok("logs", "-t", name)).split("\n");
  const times = lines.map((line) => /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) [ab]$/.exec(line)?.[1] ?? "");
  assert.equal(times.length, 2);
  assert.ok(
    times.every((time) => time !== ""),
    lines.join("\n"),
  );
  assert.ok((times[0] ?? "") < (times[1] ?? ""));
});

test("--since and --until cut by time", async () => {
  const name = await finished("echo early; sleep 1.2; echo late");
  const lines = (await docker.ok("logs", "-t", name)).split("\n");
  const late = lines[1]?.split(" ")[0] ?? "";
  assert.equal(await docker.ok("logs", "--since", late, name), "late");
  const between = new Date(Date.parse(late) - 500).toISOString();
  assert.equal(await docker.ok("logs", "--until", between, name), "early");
  assert.equal(await docker.ok("logs", "--since", "1h", name), "early\nlate");
  assert.equal(await docker.ok("logs", "--since", "2100-01-01T00:00:00Z", name), "");
});

test("-f shows each line as it comes, and ends with the container", async () => {
  const name = engine.name();
  await docker.ok(
    "run",
    "-d",
    "--name",
    name,
    "bb",
    "sh",
    "-c",
    "echo first; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo second; exit 2",
  );
  const follow = docker.start("logs", "-f", name);
  let shown = "";
  follow.stdout.on("data", (data: Buffer) => {
    shown += data.toString();
  });
  const ended = new Promise((resolve) => follow.once("close", resolve));
  await until("the first line", () => shown === "first\n");
  await docker.ok("exec", name, "touch", "/tmp/go");
  assert.equal(await ended, 0);
  assert.equal(shown, "first\nsecond\n");
});

test("-f --tail 1 begins at the last line", async () => {
  const name = engine.name();
  await docker.ok("run", "-d", "--name", name, "bb", "sh", "-c", "seq 1 5; sleep 1000");
  await until("the lines are logged", async () => (await docker.ok("logs", name)).endsWith("5"));
  const follow = docker.start("logs", "-f", "--tail", "1", name);
  let shown = "";
  follow.stdout.on("data", (data: Buffer) => {
    shown += data.toString();
  });
  const ended = new Promise((resolve) => follow.once("close", resolve));
  await until("the last line", () => shown === "5\n");
  await docker.ok("kill", name);
  await ended;
  assert.equal(shown, "5\n");
});

test("a second run adds to the log", async () => {
  const name = await finished("echo again");
  await docker.ok("start", "-a", name);
  assert.equal(await docker.ok("logs", name), "again\nagain");
});

test("a container without a log says so", async () => {
  const name = engine.name();
  await docker.ok("run", "--name", name, "--log-driver", "none", "bb", "echo", "unseen");
  assert.match(await docker.fails("logs", name), /configured logging driver does not support reading/);
});
