/** Containers and execs with a terminal: size, keys, detaching and coming back. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openEngine } from "../kit/engine.ts";
import { openTerminal, type Terminal } from "../kit/terminal.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker } = engine;

async function at(args: readonly string[], play: (terminal: Terminal) => Promise<void>): Promise<void> {
  const terminal = openTerminal(docker.command, args, docker.env);
  try {
    await play(terminal);
  } finally {
    terminal.close();
  }
}

const prompt = /(\/|~) # /;

test("run -it shows a shell that has the terminal's size, follows a resize and ends with its exit code", async () => {
  await at(["run", "--rm", "-it", "bb", "sh"], async (terminal) => {
    await terminal.waitFor(prompt);
    terminal.send("tty; stty size\r");
    await terminal.waitFor(/\/dev\/pts\/0/);
    await terminal.waitFor(/24 80/);
    terminal.resize(40, 132);
    for (let tries = 0; ; tries++) {
      terminal.send("stty size\r");
      if ((await terminal.waitFor(/(\d+ \d+)\r\n/))[1] === "40 132") break;
      assert.ok(tries < 50, "the resize does not arrive");
    }
    terminal.send("exit 5\r");
    assert.equal(await terminal.exit, 5);
  });
});

test("Ctrl-C interrupts the program in the container, not the client", async () => {
  await at(["run", "--rm", "-it", "bb", "sh"], async (terminal) => {
    await terminal.waitFor(prompt);
    terminal.send("sleep 1000\r");
    await terminal.waitFor(/sleep 1000\r\n/);
    await new Promise((resolve) => setTimeout(resolve, 200));
    terminal.send("\x03");
    await terminal.waitFor(prompt);
    terminal.send("exit\r");
    assert.equal(await terminal.exit, 130);
  });
});

test("Ctrl-P Ctrl-Q detaches, attach comes back", async () => {
  const name = engine.name();
  await at(["run", "-it", "--name", name, "bb", "sh"], async (terminal) => {
    await terminal.waitFor(prompt);
    terminal.send("\x10\x11");
    assert.equal(await terminal.exit, 0);
  });
  assert.equal(await docker.ok("inspect", "-f", "{{.State.Running}}", name), "true");
  await at(["attach", name], async (terminal) => {
    terminal.send("echo back-$((40 + 2))\r");
    await terminal.waitFor(/back-42/);
    terminal.send("exit 3\r");
    assert.equal(await terminal.exit, 3);
  });
});

test("--detach-keys takes other keys", async () => {
  const name = engine.name();
  await at(["run", "-it", "--name", name, "--detach-keys", "ctrl-a,x", "bb", "sh"], async (terminal) => {
    await terminal.waitFor(prompt);
    terminal.send("\x01x");
    await terminal.exit;
  });
  assert.equal(await docker.ok("inspect", "-f", "{{.State.Running}}", name), "true");
});

test("exec -it has a terminal of its own with its own size", async () => {
  const name = engine.name();
  await docker.ok("run", "-d", "--name", name, "bb", "sleep", "1000");
  await at(["exec", "-it", name, "sh"], async (terminal) => {
    await terminal.waitFor(prompt);
    terminal.send("stty size\r");
    await terminal.waitFor(/24 80/);
    terminal.resize(50, 100);
    for (let tries = 0; ; tries++) {
      terminal.send("stty size\r");
      if ((await terminal.waitFor(/(\d+ \d+)\r\n/))[1] === "50 100") break;
      assert.ok(tries < 50, "the resize does not arrive");
    }
    terminal.send("exit 9\r");
    assert.equal(await terminal.exit, 9);
  });
  assert.equal(await docker.ok("inspect", "-f", "{{.State.Running}}", name), "true");
});

test("logs of a terminal are one raw stream", async () => {
  const name = engine.name();
  await at(["run", "-it", "--name", name, "bb", "sh", "-c", "echo one; echo two >&2"], async (terminal) => {
    assert.equal(await terminal.exit, 0);
  });
  const { stdout, stderr } = await docker.run(["logs", name]);
  assert.deepEqual([stdout, stderr], ["one\r\ntwo\r\n", ""]);
});
