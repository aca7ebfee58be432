import assert from "node:assert/strict";
import { test } from "node:test";
import { EscaleError } from "../../base/errors.ts";
import { containerCreateShape, execCreateShape } from "./container-shapes.ts";
import { parseJson } from "./json-body.ts";

function problem(text: string, shape = containerCreateShape, root = ""): string {
  try {
    parseJson(text, shape, root);
    return "none";
  } catch (error) {
    assert.ok(error instanceof EscaleError && error.kind === "invalid");
    return error.message;
  }
}

/** Texts and what dockerd 28.5.2 says to them, without the words `invalid JSON: ` before it. */
const syntax: readonly (readonly [string, string])[] = [
  ["   ", "got EOF while reading request body"],
  ["{", "unexpected EOF"],
  ["nul", "unexpected EOF"],
  ['"abc', "unexpected EOF"],
  ['{"Image":"a"', "unexpected EOF"],
  ["abc", "invalid character 'a' looking for beginning of value"],
  ["}", "invalid character '}' looking for beginning of value"],
  ['{"a":.5}', "invalid character '.' looking for beginning of value"],
  ['{"a":+1}', "invalid character '+' looking for beginning of value"],
  ['{"a":[1,]}', "invalid character ']' looking for beginning of value"],
  ['{"Image":"a",}', "invalid character '}' looking for beginning of object key string"],
  ["{,}", "invalid character ',' looking for beginning of object key string"],
  ["{1:2}", "invalid character '1' looking for beginning of object key string"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
  ["[1 2]", "invalid character '2' after array element"],
  ["nulx", "invalid character 'x' in literal null (expecting 'l')"],
  ["falze", "invalid character 'z' in literal false (expecting 's')"],
  ['{"Image":tru}', "invalid character '}' in literal true (expecting 'e')"],
  ['{"a":-}', "invalid character '}' in numeric literal"],
  ['{"a":1.}', "invalid character '}' in numeric literal"],
  ['{"a":1e}', "invalid character '}' in numeric literal"],
  ['{"Image":"a\nb"}', "invalid character '\\n' in string"],
  ['{"Image":"a\\qb"}', "invalid escape sequence `\\q` in string"],
  ['{"Image":"a\\u00zz"}', "invalid escape sequence `\\u00zz` in string"],
];

/** Bodies with values of wrong types and what dockerd 28.5.2 says, without `invalid JSON: json: cannot unmarshal `. */
const types: readonly (readonly [string, string])[] = [
  ["[]", "array into Go value of type container.CreateRequest"],
  ['"x"', "string into Go value of type container.CreateRequest"],
  ['{"Image":1}', "number into Go struct field .Image of type string"],
  ['{"Tty":"x"}', "string into Go struct field .Tty of type bool"],
  ['{"StopTimeout":1.5}', "number 1.5 into Go struct field .StopTimeout of type int"],
  ['{"Env":{"a":1}}', "object into Go struct field .Env of type []string"],
  ['{"Env":[1]}', "number into .Env.0 of type string"],
  ['{"Cmd":[1]}', "array into Go value of type string"],
  ['{"Cmd":1}', "number into Go value of type string"],
  ['{"Labels":{"a":1}}', "number into Go struct field .Labels.a of type string"],
  ['{"Labels":[1]}', "array into Go struct field .Labels of type map[string]string"],
  ['{"ExposedPorts":{"x":1}}', "number into Go struct field .ExposedPorts.x of type struct {}"],
  ['{"Volumes":[]}', "array into Go struct field .Volumes of type map[string]struct {}"],
  ['{"Healthcheck":{"Interval":"x"}}', "string into Go struct field .Healthcheck.Interval of type time.Duration"],
  ['{"HostConfig":"x"}', "string into Go struct field .HostConfig of type container.HostConfig"],
  ['{"HostConfig":{"Memory":1.5}}', "number 1.5 into Go struct field .HostConfig.Memory of type int64"],
  ['{"HostConfig":{"ConsoleSize":[-1,1]}}', "number -1 into .HostConfig.ConsoleSize.0 of type uint"],
  ['{"HostConfig":{"BlkioWeight":70000}}', "number 70000 into Go struct field .HostConfig.BlkioWeight of type uint16"],
  ['{"HostConfig":{"Mounts":[1]}}', "number into .HostConfig.Mounts.0 of type mount.Mount"],
  [
    '{"HostConfig":{"Mounts":[{"Type":1}]}}',
    "number into Go struct field .HostConfig.Mounts.0.Type of type mount.Type",
  ],
  ['{"HostConfig":{"Ulimits":1}}', "number into Go struct field .HostConfig.Ulimits of type []*units.Ulimit"],
  [
    '{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":80}]}}}',
    "number into Go struct field .HostConfig.PortBindings.80~1tcp.0.HostPort of type string",
  ],
  [
    '{"NetworkingConfig":{"EndpointsConfig":1}}',
    "number into Go struct field .NetworkingConfig.EndpointsConfig of type map[string]*network.EndpointSettings",
  ],
  [
    '{"NetworkingConfig":{"EndpointsConfig":{"a":{"Aliases":1}}}}',
    "number into Go struct field .NetworkingConfig.EndpointsConfig.a.Aliases of type []string",
  ],
];

test("broken JSON is told in Docker's words", () => {
  for (const [text, expected] of syntax) assert.equal(problem(text), `invalid JSON: ${expected}`, text);
});

test("values of wrong types are told in Docker's words", () => {
  for (const [text, expected] of types) {
    assert.equal(problem(text), `invalid JSON: json: cannot unmarshal ${expected}`, text);
  }
  assert.equal(
    problem('{"Cmd":"ls"}', execCreateShape, "ExecOptions"),
    "invalid JSON: json: cannot unmarshal string into Go struct field ExecOptions.Cmd of type []string",
  );
});

test("what stands behind the first value", () => {
  assert.equal(problem("{}x"), "unexpected content after JSON");
  assert.equal(problem("{} {}"), "unexpected content after JSON");
  assert.equal(problem("{}}"), "none");
  assert.equal(
    problem('{"Image":1}x'),
    "invalid JSON: json: cannot unmarshal number into Go struct field .Image of type string",
  );
  assert.equal(problem('{"a":"\\ud800"}  \n'), "none");
});
