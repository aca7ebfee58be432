import assert from "node:assert/strict";
import { test } from "node:test";
import { binarySize, formatSignificant, humanSize, parseBinarySize } from "./units.ts";

test("sizes for people are in powers of 1000 with the digits asked for", () => {
  const cases: [number, number, string][] = [
    [0, 3, "0B"],
    [999, 3, "999B"],
    [1881, 3, "1.88kB"],
    [1_982_464, 3, "1.98MB"],
    [1_982_464, 4, "1.982MB"],
    [77_900_000, 3, "77.9MB"],
    [1_500_000_000, 3, "1.5GB"],
  ];
  for (const [bytes, digits, text] of cases) assert.equal(humanSize(bytes, digits), text);
  assert.equal(binarySize(25_275_000_000), "23.54GiB");
  assert.equal(binarySize(10 * 1024 * 1024), "10MiB");
});

test("numbers that do not fit their digits get an exponent", () => {
  assert.equal(formatSignificant(999.9, 3), "1e+03");
  assert.equal(formatSignificant(0.00001, 3), "1e-05");
  assert.equal(formatSignificant(1.5, 4), "1.5");
});

test("sizes are read with every unit a power of 1024", () => {
  const cases: [string, number][] = [
    ["512", 512],
    ["512b", 512],
    ["64m", 64 << 20],
    ["1.5g", 1.5 * 1024 ** 3],
    ["10KiB", 10240],
    ["2 GB", 2 * 1024 ** 3],
    ["1Mb", 1 << 20],
  ];
  for (const [text, bytes] of cases) assert.equal(parseBinarySize(text), bytes, text);
});

test("sizes that are none are refused with Docker's texts", () => {
  assert.throws(() => parseBinarySize("x"), { message: "invalid size: 'x'" });
  assert.throws(() => parseBinarySize("-1"), { message: "invalid size: '-1'" });
  assert.throws(() => parseBinarySize("1x"), { message: "invalid suffix: 'x'" });
  assert.throws(() => parseBinarySize("1kbb"), { message: "invalid suffix: 'kbb'" });
  assert.throws(() => parseBinarySize("1.2.3k"), { message: 'strconv.ParseFloat: parsing "1.2.3": invalid syntax' });
});
