import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../../base/landfall-error.ts";
import { parseDdl } from "../../schema/ddl.ts";
import { rowLine } from "./row-line.ts";

const MISFITS: readonly (readonly [ddl: string, value: unknown, message: RegExp])[] = [
  ["TINYINT", 128, /^Row 3, column c: 128 is no TINYINT/],
  ["INT", 1.5, /1\.5 is no INT/],
  ["INT", "1", /"1" is no INT/],
  ["BIGINT", 2 ** 53, /9007199254740992 is no BIGINT/],
  ["BIGINT", 2n ** 63n, /9223372036854775808n is no BIGINT/],
  ["FLOAT", 1e39, /1e\+39 is no FLOAT/],
  ["DOUBLE", 1n, /1n is no DOUBLE/],
  ["DECIMAL(5,2)", "1.005", /"1\.005" is no DECIMAL\(5,\s?2\)/],
  ["DECIMAL(5,2)", 1000, /1000 is no/],
  ["DECIMAL(5,2)", "NaN", /is no/],
  ["BOOLEAN", 1, /is no BOOLEAN/],
  ["STRING", "\ud800", /is no STRING/],
  ["STRING", 5, /is no STRING/],
  ["BINARY", "00", /is no BINARY/],
  ["DATE", "2021-02-29", /is no DATE/],
  ["DATE", new Date(1), /the Date 1970-01-01T00:00:00\.001Z is no DATE/],
  ["DATE", -719_163, /is no DATE/],
  ["TIMESTAMP", "2021-01-01 00:00:00", /is no TIMESTAMP/],
  ["TIMESTAMP", "2021-01-01", /is no TIMESTAMP/],
  ["TIMESTAMP", "2021-01-01T00:00:00.0000001Z", /is no TIMESTAMP/],
  ["TIMESTAMP", new Date(NaN), /the Date \(invalid\) is no/],
  ["TIMESTAMP_NTZ", "2021-01-01T00:00:00Z", /is no TIMESTAMP_NTZ/],
  ["TIMESTAMP_NTZ", new Date(0), /is no TIMESTAMP_NTZ/],
  ["BIGINT NOT NULL", null, /column c: it must not be null/],
  ["BIGINT NOT NULL", undefined, /column c: it must not be null/],
  ["STRUCT<a: INT NOT NULL>", {}, /column c\.a: it must not be null/],
  ["STRUCT<a: INT>", { a: 1, b: 2 }, /column c\.b: the table has no such column/],
  ["STRUCT<a: INT>", new Map(), /is no object/],
  ["ARRAY<INT>", { 0: 1 }, /is no array/],
  ["ARRAY<INT>", [1, "x"], /column c\.1: "x" is no INT/],
  ["MAP<STRING, INT>", { a: "x" }, /column c\."a": "x" is no INT/],
  [
    "MAP<DATE, INT>",
    new Map([
      ["2021-01-01", 1],
      [18_628, 2],
    ] as [unknown, number][]),
    /18628 is there twice/,
  ],
  ["MAP<INT, INT>", new Map([[null, 1]]), /column c\.key: it must not be null/],
  ["MAP<STRUCT<a: INT>, INT>", new Map(), /keys are nested/],
];

test("what is no value of its column is told with the row and the column", () => {
  for (const [type, value, message] of MISFITS) {
    const line = rowLine(parseDdl(`c ${type}`));
    assert.throws(
      () => line({ c: value }, 3),
      (error) => isLandfallError(error, "ROW_MISFIT") && message.test(error.message),
      `${type} ${String(message)}`,
    );
  }
});

test("a row is an object, without columns that the table lacks", () => {
  const line = rowLine(parseDdl("c INT"));
  for (const row of [null, undefined, 1, [1], new Date()])
    assert.throws(() => line(row, 1), /Row 1: .* is no object/);
  assert.throws(() => line({ d: 1 }, 1), /Row 1, column d: the table has no such column/);
  assert.equal(line({}, 1), '{"c":null}');
  assert.equal(line(Object.assign(Object.create(null), { c: 1 }), 1), '{"c":1}');
});

test("people's ways to write a value", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["BIGINT", 5, "5"],
    ["DOUBLE", -0, "-0.0"],
    ["DOUBLE", NaN, '"NaN"'],
    ["DECIMAL(5,2)", 1.5, '"1.5"'],
    ["DECIMAL(5,2)", "+1.50", '"1.5"'],
    ["DECIMAL(5,2)", 7n, '"7"'],
    ["DATE", new Date(Date.UTC(2021, 0, 2)), '"2021-01-02"'],
    ["TIMESTAMP", new Date(1), '"1970-01-01 00:00:00.001000+00"'],
    ["TIMESTAMP", "2021-01-01T02:00:00+02:00", '"2021-01-01 00:00:00.000000+00"'],
    ["TIMESTAMP", -1n, '"1969-12-31 23:59:59.999999+00"'],
    ["TIMESTAMP_NTZ", "2021-01-01T02:00", '"2021-01-01 02:00:00.000000"'],
    ["BINARY", Buffer.from([1, 2]), '"AQI="'],
    ["MAP<INT, STRING>", new Map([[1, "a"]]), '{"1":"a"}'],
  ];
  for (const [type, value, text] of cases)
    assert.equal(rowLine(parseDdl(`c ${type}`))({ c: value }, 1), `{"c":${text}}`, type);
});
