/**
 * Rows that the module settles, with one byte changed, dropped or put in: whatever that makes of them, the scan is the one of
 * TypeScript alone. A file for each, since what one of them taught would hide what the next one holds.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nullableField, type DataType } from "../../schema/data-type.ts";
import { compileTarget, type TargetNode } from "../../schema/fit.ts";
import { JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";

/** What taught the table, and the row that is changed. */
const ROWS: readonly (readonly [string, string])[] = [
  ['{"n":10}\n{"n":0.55}\n{"n":-1}', '{"n":9}'],
  ['{"n":100}\n{"n":-120}\n{"n":1000}', '{"n":127}'],
  ['{"n":12345}\n{"n":99999}', '{"n":-32768}'],
  ['{"n":-2147483640}\n{"n":9999999999}', '{"n":2147483647}'],
  ['{"n":9007199254740993}\n{"n":999999999999999999}', '{"n":90071992547409920}'],
  ['{"n":87654321.87654321}\n{"n":1.123456789}', '{"n":12345678.12345678}'],
  ['{"t":"2000-02-29"}\n{"t":"2023-02-28T01:01:01Z"}\n{"t":"2023-01-01T01:01:01"}', '{"t":"2023-12-31"}'],
  ['{"t":"2023-02-28"}', '{"t":"2000-02-29"}'],
  ['{"t":"2020-02-29"}', '{"t":"1900-02-28"}'],
  ['{"t":"2023-04-30"}', '{"t":"2023-02-28"}'],
  ['{"t":"2023-01-01T00:00:00Z"}\n{"t":"2023-01-01"}', '{"t":"2023-11-30T23:59:59.123456Z"}'],
  ['{"t":"2023-01-01T00:00:00.1234567Z"}\n{"t":"2023-01-01T00:00:00Z"}', '{"t":"9998-01-31 19:50:09+15:50"}'],
  ['{"s":"x"}', '{"s":"a\\ud83d\\ude00\\n\\\\\\u00e9 and more"}'],
  ['{"b":true}\n{"b":null}', '{"b":false}'],
  [
    '{"o":{"a":[1,{"x":2}],"key of more than sixteen bytes":{}}}',
    '{"o":{"a":[3,{"x":4}],"key of more than sixteen bytes":{}}}',
  ],
  ['{"a":1,"a":2,"b":3}\n{"b":1,"a":1}', '{"b":3,"a":4}'],
];
const BYTES = Buffer.from('\0 \t\r"\\{}[],:.-+eE012345689TZabcdfnu~\x7f');

function targetOf(...columns: readonly (readonly [string, DataType])[]): TargetNode {
  const fields = columns.map(([name, type]) => nullableField(name, type));
  return compileTarget({ schema: { type: "struct", fields } });
}

const TARGETS: readonly (TargetNode | undefined)[] = [
  undefined,
  targetOf(
    ["n", "double"],
    ["t", "timestamp"],
    ["s", "string"],
    ["b", "boolean"],
    ["a", "long"],
    ["o", "string"],
  ),
  targetOf(["n", "decimal(38,10)"], ["t", "timestamp_ntz"], ["s", "date"], ["a", "byte"], ["b", "long"]),
  targetOf(["n", "decimal(5,2)"], ["t", "date"], ["s", "timestamp"], ["a", "float"], ["b", "float"]),
];

function scan(file: Buffer, options: JsonScanOptions): JsonScan {
  const scanner = new JsonScanner(options);
  scanner.feed(file);
  return scanner.finish();
}

/** The row, and each row that differs from it by one byte. */
function* changed(row: Buffer): Generator<Buffer> {
  yield row;
  for (let at = 0; at <= row.length; at++) {
    const before = row.subarray(0, at);
    if (at < row.length) yield Buffer.concat([before, row.subarray(at + 1)]);
    for (const byte of BYTES) {
      yield Buffer.concat([before, Buffer.from([byte]), row.subarray(at)]);
      if (at < row.length) yield Buffer.concat([before, Buffer.from([byte]), row.subarray(at + 1)]);
    }
  }
}

for (const [taught, row] of ROWS) {
  test(`${row}, with any byte changed, dropped or put in, scans the same`, () => {
    for (const variant of changed(Buffer.from(row))) {
      const file = Buffer.concat([Buffer.from(`${taught}\n${row}\n`), variant, Buffer.from(`\n${row}\n`)]);
      for (const target of TARGETS) {
        const options = target === undefined ? {} : { target };
        const expected = scan(file, { ...options, wasmFromBytes: Infinity });
        const actual = scan(file, { ...options, wasmFromBytes: 0 });
        assert.deepEqual(actual, expected, JSON.stringify(variant.toString("latin1")));
      }
    }
  });
}

test("where the limits of bytes and depth lie is the same", () => {
  const lines = ['{"a":[[[1]]]}', '{"a":[[1]]}', '{"a":[1]}', ' {"a":[[[1]]]} ', '{"a":[[[ 1]]]}'];
  const file = Buffer.from(`${[...lines, ...lines].join("\n")}\n`);
  for (const maxRecordBytes of [10, 11, 12, 13, 14, 15]) {
    for (const maxDepth of [1, 2, 3, 4, 5]) {
      const limits = { maxRecordBytes, maxDepth };
      const expected = scan(file, { ...limits, wasmFromBytes: Infinity });
      assert.deepEqual(scan(file, { ...limits, wasmFromBytes: 0 }), expected);
    }
  }
});
