/**
 * The request for a container that `escale create` sends equals the one of the stock command line, flag by flag. Both
 * talk to a recorder, so no daemon is needed; the stock binary is named by ESCALE_TEST_DOCKER.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import lines from "./cli-create-requests.data.json" with { type: "json" };
import { escaleCommand, required, runProgram, splitWords, temporaryFolder } from "./commands.ts";
import { openRecorder, type Recorder } from "./recorder.ts";

/** Lists whose order the stock command line leaves to chance. */
function settled(body: unknown): unknown {
  const request = body as {
    Env?: string[] | null;
    HostConfig?: { Binds?: string[] | null; Ulimits?: { Name: string }[] };
  };
  request.Env?.sort();
  request.HostConfig?.Binds?.sort();
  request.HostConfig?.Ulimits?.sort((a, b) => (a.Name < b.Name ? -1 : 1));
  return request;
}

describe("requests for containers", () => {
  const docker = required("ESCALE_TEST_DOCKER", "the stock docker binary");
  const files: Record<string, string> = {};
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let recorder: Recorder;

  before(async () => {
    folder = await temporaryFolder();
    recorder = await openRecorder();
    const contents = {
      ENVFILE: "# comment\nA=file\nC=with space \n  D=indented\nESCALE_TEST_SET\nESCALE_TEST_UNSET\nE=\n",
      LABELFILE: "a=file\nb\n\nc=x=y\n",
      SECCOMP: '{\n  "defaultAction": "SCMP_ACT_ALLOW",\n  "syscalls": [ { "names": ["a b"] } ]\n}\n',
    };
    for (const [name, content] of Object.entries(contents)) {
      files[name] = join(folder.path, name.toLowerCase());
      await writeFile(files[name], content);
    }
  });
  after(async () => {
    await recorder[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const send = async (program: readonly string[], words: readonly string[]): Promise<unknown> => {
    const env = {
      PATH: process.env.PATH,
      HOME: folder.path,
      DOCKER_HOST: recorder.host,
      ESCALE_TEST_SET: "from outside",
    };
    const outcome = await runProgram([...program, "create", ...words], { env, cwd: folder.path });
    assert.equal(outcome.code, 0, outcome.stderr);
    const [create] = recorder.take();
    assert.ok(create);
    return { url: create.url, body: settled(create.body) };
  };

  for (const [index, line] of lines.entries()) {
    test(line, async () => {
      const words = (by: string): string[] =>
        splitWords(line).map((word) =>
          word
            .replace(/^IMAGE$/, "busybox")
            .replace(/CIDFILE$/, "cid")
            .replace(/(ENVFILE|LABELFILE|SECCOMP)$/, (name) => files[name] ?? name)
            .replace(/^cid$/, join(folder.path, `cid-${by}-${index}`)),
        );
      const normalized = (value: unknown): unknown =>
        JSON.parse(JSON.stringify(value).replace(/cid-(docker|escale)-/g, "cid-"));
      const stock = await send([docker], words("docker"));
      const own = await send(escaleCommand, words("escale"));
      assert.deepEqual(normalized(own), normalized(stock));
    });
  }
});
