import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boolFlag,
  bytesFlag,
  durationFlag,
  filterFlag,
  intFlag,
  listFlag,
  mapFlag,
  stringFlag,
  uintFlag,
} from "./flag.ts";
import { longName, parseFlags } from "./parse.ts";

const flags = {
  all: boolFlag("", { short: "a" }),
  count: intFlag("", { short: "n", initial: -1 }),
  detach: boolFlag("", { short: "d" }),
  env: listFlag("", { short: "e" }),
  filter: filterFlag(""),
  label: mapFlag(""),
  memory: bytesFlag("", { short: "m" }),
  name: stringFlag(""),
  oldName: listFlag("", { isHidden: true, into: "env" }),
  proxy: boolFlag("", { initial: true }),
  span: durationFlag(""),
  weight: uintFlag("", 16),
  gone: stringFlag("", { deprecation: "use something else" }),
};

function problem(...line: string[]): string {
  try {
    parseFlags(flags, line, true);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

test("every way to write a flag", () => {
  const { values, given, args } = parseFlags(
    flags,
    ["-ad", "-n5", "--env", "A=1", "-eB", "-e=C", "--name=x=y", "one", "--proxy=false", "--old-name", "D", "--", "-z"],
    true,
  );
  assert.deepEqual(
    [values.all, values.detach, values.count, values.env, values.name, values.proxy],
    [true, true, 5, ["A=1", "B", "C", "D"], "x=y", false],
  );
  assert.deepEqual(args, ["one", "-z"]);
  assert.deepEqual([...given].sort(), ["all", "count", "detach", "env", "name", "oldName", "proxy"]);
});

test("another program's flags are left alone after the first argument", () => {
  const { values, args } = parseFlags(flags, ["-a", "image", "sh", "-d", "--", "x"], false);
  assert.equal(values.detach, false);
  assert.deepEqual(args, ["image", "sh", "-d", "--", "x"]);
});

test("values of every type", () => {
  const line = [
    "--filter",
    "A = b",
    "-f",
    "a=c",
    "--label",
    "k=v=w",
    "--label",
    "l",
    "-m",
    "1g",
    "--span",
    "1m",
    "--weight",
    "0x10",
  ];
  const { values } = parseFlags(flags, line, true);
  assert.deepEqual(values.filter, { a: ["b", "c"] });
  assert.deepEqual(values.label, { k: "v=w", l: "" });
  assert.deepEqual([values.memory, values.span, values.weight], [1024 ** 3, 60_000_000_000n, 16]);
});

test("the texts for what cannot be read", () => {
  assert.equal(problem("--nosuch"), "unknown flag: --nosuch");
  assert.equal(problem("-axd"), "unknown shorthand flag: 'x' in -xd");
  assert.equal(problem("--name"), "flag needs an argument: --name");
  assert.equal(problem("-an"), "flag needs an argument: 'n' in -n");
  assert.equal(problem("--=x"), "bad flag syntax: --=x");
  assert.equal(
    problem("-n", "x"),
    'invalid argument "x" for "-n, --count" flag: strconv.ParseInt: parsing "x": invalid syntax',
  );
  assert.equal(
    problem("--all=maybe"),
    'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  );
  assert.equal(
    problem("--weight", "70000"),
    'invalid argument "70000" for "--weight" flag: strconv.ParseUint: parsing "70000": value out of range',
  );
  assert.equal(
    problem("-f", "x"),
    'invalid argument "x" for "-f, --filter" flag: bad format of filter (expected name=value)',
  );
});

test("a flag that is going away says so once", () => {
  const { notices } = parseFlags(flags, ["--gone", "x", "--gone", "y"], true);
  assert.deepEqual(notices, ["Flag --gone has been deprecated, use something else"]);
});

test("long names", () => assert.equal(longName("healthStartInterval"), "health-start-interval"));
