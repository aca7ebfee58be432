import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commands, type Entry } from "./commands.ts";
import { commandPage } from "./help.ts";
import { runCli } from "./run-cli.ts";
import type { Output, Streams } from "./terminal/streams.ts";

function recorder(): Output & { text: string } {
  const output = {
    text: "",
    isTerminal: false,
    write: (data: string | Buffer) => {
      output.text += data.toString();
    },
    size: () => ({ rows: 0, columns: 0 }),
    onResize: () => () => undefined,
  };
  return output;
}

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out = recorder();
  const err = recorder();
  async function* nothing(): AsyncGenerator<Buffer> {}
  const streams: Streams = {
    in: { isTerminal: false, setRaw: async () => () => undefined, read: nothing },
    out,
    err,
    helpColumns: 80,
  };
  const code = await runCli(argv, streams, { HOME: "/nosuch" });
  return { code, out: out.text, err: err.text };
}

describe("what is no command", () => {
  test("an unknown command", async () => {
    assert.deepEqual(await run("nosuch"), {
      code: 1,
      out: "",
      err: "escale: unknown command: escale nosuch\n\nRun 'escale --help' for more information\n",
    });
  });

  test("an unknown command of a group", async () => {
    const { code, err } = await run("container", "nosuch");
    assert.equal(code, 1);
    assert.match(err, /^escale: unknown command: escale container nosuch\n\nUsage: {2}escale container\n/);
  });

  test("an unknown flag", async () => {
    assert.deepEqual(await run("ps", "--nosuch"), {
      code: 125,
      out: "",
      err: "unknown flag: --nosuch\n\nUsage:  escale ps [OPTIONS]\n\nRun 'escale ps --help' for more information\n",
    });
  });

  test("too few arguments", async () => {
    const { code, err } = await run("run");
    assert.equal(code, 1);
    assert.match(err, /^escale: 'escale run' requires at least 1 argument\n\nUsage: {2}escale run \[OPTIONS\] IMAGE/);
  });

  test("a command that is not built names itself", async () => {
    assert.deepEqual(await run("volume", "create", "x"), {
      code: 1,
      out: "",
      err: "'escale volume create' is not built yet\n",
    });
    assert.deepEqual(await run("stack", "deploy"), {
      code: 1,
      out: "",
      err: "'escale stack deploy' is not built yet\n",
    });
  });
});

test("help lists every command, and says what is not built", async () => {
  const { code, out } = await run("--help");
  assert.equal(code, 0);
  assert.match(out, /^Usage: {2}escale \[OPTIONS\] COMMAND\n/);
  assert.match(out, /\n {2}run {9}Create and run a new container from an image\n/);
  assert.match(out, /\n {2}search {6}Search Docker Hub for images \(not built yet\)\n/);
  assert.equal((await run()).err, out);
});

test("the version", async () => assert.match((await run("--version")).out, /^Escale version \d+\.\d+\.\d+\n$/));

test("a daemon that is not there", async () => {
  const { code, err } = await run("-H", "unix:///nosuch/socket", "ps");
  assert.equal(code, 1);
  assert.equal(err, "Cannot connect to the Escale daemon at unix:///nosuch/socket. Is the escale daemon running?\n");
});

test("every command that is built loads, has examples, and its page fits 80 columns where words allow", async () => {
  const pages: string[] = [];
  const visit = async (path: string, entries: readonly Entry[]): Promise<void> => {
    for (const entry of entries) {
      const name = `${path} ${entry.name}`;
      if (entry.children !== undefined) await visit(name, entry.children);
      const loaded = await entry.load?.();
      if (loaded === undefined) continue;
      assert.ok(loaded.command.examples.length > 0, `${name} has no examples`);
      pages.push(commandPage(name, entry, loaded.command, 80));
    }
  };
  await visit("escale", commands);
  assert.ok(pages.length > 50);
  for (const page of pages) assert.match(page, /^Usage: {2}escale \S+/);
});
