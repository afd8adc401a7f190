import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDdl } from "../../schema/ddl.ts";
import { applyTransform } from "./apply-transform.ts";
import type { Transform } from "./transform.ts";

/** A module's answer, as an expression of `c`, its input's columns; and what is said of it. */
const WRONG_ANSWERS: readonly (readonly [columns: string, answer: string, tells: RegExp])[] = [
  ["a INT", "undefined", /gave undefined instead of a plain object/],
  ["a INT", "[1]", /gave \[ 1 \] instead of a plain object/],
  ["a INT", "Object.create({ a: [1] })", /instead of a plain object/],
  ["a INT", "{ a: 1 }", /gave 1 for column a instead of an array/],
  ["a INT", "{ a: Promise.resolve([1]) }", /gave Promise .* for column a instead of an array/],
  ["amount INT", "{ ammount: [1] }", /a column "ammount" that .* did it mean "amount"\?/],
  ["a INT, b INT", "{ a: [1], b: [1, 2] }", /gave 1 values for column a and 2 for column b/],
  [
    "a TINYINT",
    "{ a: [1, 300] }",
    /column a, row 1 of its answer, 300, which TINYINT does not hold: it holds -128 to 127/,
  ],
  ["a SMALLINT", "{ a: [-32769] }", /-32769, which SMALLINT does not hold/],
  ["a INT", "{ a: [2147483648n] }", /2147483648n, which INT does not hold/],
  ["a INT", "{ a: [NaN] }", /NaN, which INT does not hold: it takes whole numbers/],
  ["a INT", "{ a: ['1'] }", /'1', which INT does not hold/],
  ["a BIGINT", "{ a: [1.5] }", /1\.5, which BIGINT does not hold/],
  [
    "a BIGINT",
    "{ a: [2 ** 53] }",
    /9007199254740992, which BIGINT does not hold: .* beyond which numbers are not exact/,
  ],
  ["a BIGINT", "{ a: [2n ** 63n] }", /more than 64 bits/],
  ["a FLOAT", "{ a: [0.1] }", /0\.1, which FLOAT does not hold: .* Math\.fround/],
  ["a FLOAT", "{ a: [1e39] }", /FLOAT does not hold/],
  ["a DOUBLE", "{ a: [1n] }", /1n, which DOUBLE does not hold/],
  [
    "a DECIMAL(10,2)",
    "{ a: ['12345678901'] }",
    /'12345678901', which DECIMAL\(10,2\) does not hold: it holds 8 digits before the point and 2/,
  ],
  ["a DECIMAL(10,2)", "{ a: ['0.125'] }", /DECIMAL\(10,2\) does not hold/],
  ["a DECIMAL(10,2)", "{ a: [0.1 + 0.2] }", /0\.30000000000000004, which/],
  ["a DECIMAL(10,2)", "{ a: [''] }", /DECIMAL\(10,2\) does not hold/],
  ["a DECIMAL(10,2)", "{ a: [Infinity] }", /DECIMAL\(10,2\) does not hold/],
  ["a DECIMAL(38,0)", "{ a: [1e21] }", /1e\+21, which .* give a bigint or text/],
  ["a STRING", "{ a: [5] }", /5, which STRING does not hold/],
  ["a STRING", "{ a: ['x\\ud800'] }", /half of a surrogate pair/],
  ["a STRING", "{ a: [Promise.resolve('x')] }", /STRING does not hold: a promise is no value: await it/],
  ["a STRING", "{ a: [() => 1] }", /STRING does not hold/],
  ["a BOOLEAN", "{ a: [1] }", /1, which BOOLEAN does not hold/],
  ["a BINARY", "{ a: ['text'] }", /BINARY does not hold: it takes Uint8Arrays/],
  ["a DATE", "{ a: ['2026-02-30'] }", /'2026-02-30', which DATE does not hold/],
  ["a DATE", "{ a: ['0000-01-01'] }", /DATE does not hold/],
  [
    "a DATE",
    "{ a: [new Date('2026-01-31T01:00:00Z')] }",
    /2026-01-31T01:00:00\.000Z, which DATE does not hold: it has a time of day/,
  ],
  ["a DATE", "{ a: [new Date(NaN)] }", /DATE does not hold/],
  ["a TIMESTAMP", "{ a: ['2026-01-31T01:00:00'] }", /TIMESTAMP does not hold/],
  ["a TIMESTAMP", "{ a: ['2026-01-31T01:00:00.1234567Z'] }", /TIMESTAMP does not hold/],
  ["a TIMESTAMP", "{ a: ['2026-01-31T24:00:00Z'] }", /TIMESTAMP does not hold/],
  ["a TIMESTAMP", "{ a: [new Date(8.64e15)] }", /TIMESTAMP does not hold: it lies outside of the years/],
  [
    "a TIMESTAMP",
    "{ a: [new Date('0000-12-31T00:00:00Z')] }",
    /TIMESTAMP does not hold: it lies outside of the years/,
  ],
  ["a TIMESTAMP_NTZ", "{ a: ['2026-01-31T01:00:00Z'] }", /TIMESTAMP_NTZ does not hold/],
  ["a INT NOT NULL", "{ a: [1, undefined] }", /row 1 of its answer, undefined, .*NOT NULL/],
  ["a INT NOT NULL, b INT", "{ b: [1] }", /column a, row 0 .*NOT NULL/],
  ["a ARRAY<INT>", "{ a: [new Set([1])] }", /ARRAY<INT> does not hold: it takes arrays/],
  ["a ARRAY<ARRAY<INT>>", "{ a: [[[1], [2, 'x']]] }", /'x' at \[1\]\[1\], which/],
  ["a STRUCT<b: INT>", "{ a: [{ b: 1, c: 2 }] }", /no field "c"/],
  ["a STRUCT<b: INT>", "{ a: [new Map([['b', 1]])] }", /it takes plain objects/],
  [
    "a STRUCT<b: ARRAY<STRUCT<c: TINYINT>>>",
    "{ a: [{ b: [{ c: 1 }, { c: 128 }] }] }",
    /128 at \.b\[1\]\.c, which/,
  ],
  ["a MAP<BIGINT, INT>", "{ a: [{ 1: 1 }] }", /it takes Maps/],
  ["a MAP<BIGINT, INT>", "{ a: [new Map([[1, 1], [1n, 2]])] }", /twice as a key/],
  [
    "a MAP<BINARY, INT>",
    "{ a: [new Map([[new Uint8Array([1]), 1], [Buffer.from([1]), 2]])] }",
    /twice as a key/,
  ],
  ["a MAP<STRING, INT>", "{ a: [new Map([[null, 1]])] }", /no null keys/],
  ["a MAP<STRING, INT>", "{ a: [new Map([['k', 'v']])] }", /'v' at \['k'\], which/],
  ["a STRING", "{ a: ['x'.repeat(10_000), 1] }", /row 1/],
  ["a INT", "{ a: ['x'.repeat(10_000)] }", /^.{200,700}$/],
  ["a INT", "{ get a() { throw new Error('hidden'); } }", /threw while its answer was read: Error: hidden$/],
];

for (const [columns, answer, tells] of WRONG_ANSWERS)
  test(`the answer ${answer} to ${columns} is refused, not changed to fit`, async () => {
    const source = `export default () => (${answer});`;
    const { default: transform } = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
      default: Transform;
    };
    const apply = applyTransform({
      transform,
      path: "/author/transform.ts",
      input: { type: "struct", fields: [] },
      output: parseDdl(columns),
    });
    const result = await apply({ rows: 0, columns: [] });
    assert.match("why" in result ? result.why : "taken", tells);
  });
