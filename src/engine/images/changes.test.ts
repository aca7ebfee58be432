import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExecutionConfig } from "../../wire/oci/image-spec.ts";
import { applyChanges } from "./changes.ts";

const good: [string[], ExecutionConfig][] = [
  [["CMD ["], { Cmd: ["/bin/sh", "-c", "["] }],
  [["cmd x"], { Cmd: ["/bin/sh", "-c", "x"] }],
  [["CMD"], { Cmd: ["/bin/sh", "-c"] }],
  [["CMD echo $HOME"], { Cmd: ["/bin/sh", "-c", "echo $HOME"] }],
  [['ENTRYPOINT ["a", "b"]'], { Entrypoint: ["a", "b"] }],
  [["ENV a b c"], { Env: ["a=b c"] }],
  [['ENV X=$Y Z="a $X"'], { Env: ["X=", "Z=a "] }],
  [["ENV X=1", `ENV X=${"$"}{X}2 Y=${"$"}{N:-n}`], { Env: ["X=12", "Y=n"] }],
  [
    ["EXPOSE 80-82 53/udp 1:2"],
    { ExposedPorts: { "80/tcp": {}, "81/tcp": {}, "82/tcp": {}, "53/udp": {}, "2/tcp": {} } },
  ],
  [["HEALTHCHECK NONE"], { Healthcheck: { Test: ["NONE"] } }],
  [
    ["HEALTHCHECK --interval=1ms --retries=0 CMD x"],
    { Healthcheck: { Test: ["CMD-SHELL", "x"], Interval: 1_000_000 } },
  ],
  [
    ['HEALTHCHECK --timeout=1m30s --retries=3 CMD ["a"]'],
    { Healthcheck: { Test: ["CMD", "a"], Timeout: 90e9, Retries: 3 } },
  ],
  [[`LABEL a='x y' b="z\\"q"`], { Labels: { a: "x y", b: 'z"q' } }],
  [["ONBUILD RUN x"], { OnBuild: ["RUN x"] }],
  [["STOPSIGNAL SIGINT"], { StopSignal: "SIGINT" }],
  [["USER a b"], { User: "a b" }],
  [['VOLUME ["/a","/b"]', "VOLUME c"], { Volumes: { "/a": {}, "/b": {}, c: {} } }],
  [["WORKDIR rel", "WORKDIR sub"], { WorkingDir: "/rel/sub" }],
];

for (const [changes, wanted] of good) {
  test(changes.join("; "), () => assert.deepEqual(applyChanges({}, changes), wanted));
}

const bad: [string, string][] = [
  ["FOO bar", "FOO is not a valid change command"],
  ["RUN x", "RUN is not a valid change command"],
  ["", "file with no instructions"],
  ["ENV", "ENV requires at least one argument"],
  ["ENV a=b c", `Syntax error - can't find = in "c". Must be of the form: name=value`],
  ["ENV =b", "ENV names can not be blank"],
  ['ENV a="b', 'failed to process "\\"b": unexpected end of statement while looking for matching double-quote'],
  ["EXPOSE x", "Invalid containerPort: x"],
  ["HEALTHCHECK", "HEALTHCHECK requires at least one argument"],
  ["HEALTHCHECK --bad=3 CMD x", "unknown flag: --bad"],
  ["LABEL x", "LABEL must have two arguments"],
  ["LABEL =b", "LABEL names can not be blank"],
  ["ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"],
  ["ONBUILD ONBUILD RUN x", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
  ["STOPSIGNAL", "STOPSIGNAL requires exactly one argument"],
  ["STOPSIGNAL FOO", "invalid signal: FOO"],
  ["USER", "USER requires exactly one argument"],
  ["WORKDIR", "WORKDIR requires exactly one argument"],
];

for (const [change, message] of bad) {
  test(`refused: ${change}`, () => {
    assert.throws(() => applyChanges({}, [change]), { kind: "invalid", message });
  });
}
