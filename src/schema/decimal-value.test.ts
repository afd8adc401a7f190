import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  classOfNumber,
  decimalValue,
  fitsDecimal,
  fitsDouble,
  fitsFloat,
  plainDecimalText,
  sameDecimal,
} from "./decimal-value.ts";
import { classesOf } from "./value-class.ts";

const cases: readonly (readonly [string, string])[] = [
  ["0", "INT8"],
  ["-0", "INT8"],
  ["-128", "INT8"],
  ["128", "INT16"],
  ["-32769", "INT32"],
  ["2147483647", "INT32"],
  ["2147483648", "INT15"],
  ["999999999999999", "INT15"],
  ["9007199254740992", "INT64_EXACT"],
  ["9007199254740993", "INT64"],
  ["9223372036854775807", "INT64"],
  ["-9223372036854775808", "INT64_EXACT"],
  ["9223372036854775808", "BIG_EXACT"],
  ["-9223372036854775809", "BIG"],
  ["9".repeat(400), "BIG"],
  ["1.10", "DEC"],
  ["0.1000000000000000000000", "DEC"],
  ["0.1000000000000000055511151231257827", "DEC_LONG"],
  ["9007199254740993.0", "DEC_LONG"],
  ["1e3", "EXP"],
  ["1E-5", "EXP"],
  ["1e400", "EXP_LONG"],
  ["1e-400", "EXP_LONG"],
  ["0e999999999999999999999", "EXP"],
  ["1.23456789012345678e5", "EXP_LONG"],
];

for (const [text, expected] of cases) {
  test(`${text.slice(0, 40)} is ${expected}`, () => {
    assert.deepEqual(classesOf(classOfNumber(text)), [expected]);
  });
}

test("every double fits DOUBLE as JavaScript prints it", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => fitsDouble(String(value))),
  );
});

test("every 32-bit float fits FLOAT in the shortest print that brings it back", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9];
      const print = digits
        .map((n) => value.toPrecision(n))
        .find((text) => Math.fround(Number(text)) === value);
      return fitsFloat(print!);
    }),
  );
});

test("0.1 fits FLOAT, its expansion does not, nor does what is beyond it", () => {
  assert.deepEqual(["0.1", "0.10000000149011612", "16777217", "1e39", "1e-60"].map(fitsFloat), [
    true,
    false,
    false,
    false,
    false,
  ]);
});

test("a decimal of p digits and scale s fits decimal(p,s), and its plain text has the same value", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
      fc.integer({ min: 0, max: 38 }),
      (unscaled, scale) => {
        const text = `${unscaled}e-${scale}`;
        const plain = plainDecimalText(text);
        assert.ok(/^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(plain), plain);
        assert.ok(sameDecimal(decimalValue(plain), decimalValue(text)));
        assert.ok(fitsDecimal(text, 38, scale));
      },
    ),
  );
});

test("a digit too many on either side does not fit decimal(5,2)", () => {
  assert.deepEqual(
    ["999.99", "1000", "1e3", "0.001", "0.0010e1", "12.500", "1e-400", "1e999999999999"].map((text) =>
      fitsDecimal(text, 5, 2),
    ),
    [true, false, false, false, true, true, false, false],
  );
});
