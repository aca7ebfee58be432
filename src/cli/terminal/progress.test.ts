import assert from "node:assert/strict";
import { test } from "node:test";
import { showProgress } from "./progress.ts";
import type { Output } from "./streams.ts";

function screen(isTerminal: boolean): Output & { text: string } {
  const output = {
    text: "",
    isTerminal,
    write: (data: string | Buffer) => {
      output.text += data.toString();
    },
    size: () => ({ rows: 24, columns: 120 }),
    onResize: () => () => undefined,
  };
  return output;
}

async function* lines(...messages: object[]): AsyncGenerator<Buffer> {
  for (const message of messages) yield Buffer.from(`${JSON.stringify(message)}\r\n`);
}

const half = { status: "Loading", id: "abc", progressDetail: { current: 500, total: 1000 } };

test("without a terminal bars are left out", async () => {
  const output = screen(false);
  await showProgress(lines({ status: "Pulling", id: "x" }, half, { stream: "Loaded\n" }, { status: "done" }), output);
  assert.equal(output.text, "x: Pulling\nLoaded\ndone\n");
});

test("on a terminal a bar replaces its line", async () => {
  const output = screen(true);
  await showProgress(lines(half), output);
  const bar = `[${"=".repeat(25)}>${" ".repeat(25)}]     500B/1kB`;
  assert.equal(output.text, `\n\u001b[1A\u001b[2K\rabc: Loading ${bar}\r\u001b[1B`);
});

test("an error in the stream ends it", async () => {
  const failing = showProgress(lines({ errorDetail: { message: "no space" }, error: "no space" }), screen(false));
  await assert.rejects(failing, { message: "no space", exitCode: 1 });
});
