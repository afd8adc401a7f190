import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { classesOf, VALUE_CLASS } from "../../schema/value-class.ts";
import { classOfNumber } from "../../schema/decimal-value.ts";
import { csvClass } from "./csv-class.ts";

function classOf(text: string): string {
  const buf = Buffer.from(text);
  return classesOf(csvClass(buf, 0, buf.length))[0]!;
}

const cases: readonly (readonly [string, string])[] = [
  ["INT8", "0 7 -128 127"],
  ["INT16", "128 -129 32767"],
  ["INT32", "32768 -2147483648 2147483647"],
  ["INT15", "2147483648 999999999999999"],
  ["INT64_EXACT", "9007199254740992"],
  ["INT64", "9007199254740993 -9223372036854775807 9223372036854775807"],
  ["BIG", "9223372036854775809"],
  ["BIG_EXACT", "9223372036854775808"],
  ["DEC", "0.5 -1.10 3.141592653589793 -0.0"],
  ["DEC_LONG", "123456789012345678.123456789"],
  ["EXP", "1e5 1E-5 2.5e+10"],
  ["EXP_LONG", "1e400 1e-400"],
  ["BOOL", "true false TRUE False tRuE"],
  ["DATE", "2024-02-29 0001-01-01"],
  ["TS_ZONED", "2024-01-02T03:04:05Z 2024-01-02T03:04:05.123456+02:00"],
  ["TS_LOCAL", "2024-01-02T03:04:05"],
  ["TS_NANO", "2024-01-02T03:04:05.1234567Z"],
  [
    "STR",
    "007 +5 -0 1_000 .5 5. 1e 1e+ - -- 0x10 NaN Infinity inf 1,5 2024-1-2 2023-02-29 t yes null true1 truefalse 1.5.2 1-2 00 ١",
  ],
];

for (const [name, texts] of cases) {
  test(`texts of the class ${name}: ${texts}`, () => {
    for (const text of texts.split(" ")) assert.equal(classOf(text), name, text);
  });
}

test("an empty text and one with blanks around a number are strings", () => {
  for (const text of ["", " 6 ", "6 ", " ", "\t1", "1\n"]) assert.equal(classOf(text), "STR");
});

test("every number as JSON writes it has the class that JSON gives it, save minus zero", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.integer().map(String),
        fc.bigInt(-(2n ** 70n), 2n ** 70n).map(String),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
        fc.tuple(fc.integer(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
      ),
      (text) => {
        const expected = text === "-0" ? VALUE_CLASS.STR : classOfNumber(text);
        assert.equal(csvClass(Buffer.from(text), 0, text.length), expected);
      },
    ),
  );
});

test("what is classed as an integer prints back as it was read", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[-+ 0-9_.e]{1,18}$/), (text) => {
      const bit = csvClass(Buffer.from(text), 0, text.length);
      const integers = VALUE_CLASS.INT8 | VALUE_CLASS.INT16 | VALUE_CLASS.INT32 | VALUE_CLASS.INT15;
      if ((bit & integers) !== 0) assert.equal(String(Number(text)), text);
    }),
    { numRuns: 2000 },
  );
});
