import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvScanner } from "../../../test/support/csv-scans.ts";
import type { CsvOptionsWritten } from "../../formats/csv-options.ts";
import { VALUE_CLASS } from "../../schema/value-class.ts";
import { csvClass } from "./csv-class.ts";
import { csvSettler, MOST_SETTLED_COLUMNS } from "./csv-settler.ts";
import { recordPlaces } from "./record-list.ts";

const { BOOL, DEC, INT8, INT16, NULL, STR, TS_ZONED } = VALUE_CLASS;

/** How many records are settled, and where that stops. */
function settle(text: string, masks: readonly number[], maxRecordBytes = 1000): readonly number[] {
  const settler = csvSettler()!;
  settler.begin();
  const buf = Buffer.from(`>>${text}`);
  const end = buf.lastIndexOf(10) + 1;
  const options = { buf, from: 2, end, masks: Int32Array.from(masks), separator: 44, maxRecordBytes };
  const { records, at, crlf, longest } = settler.settle(options);
  return [records, at - 2, crlf, longest];
}

test("records that teach nothing are counted, with their line ends and the longest of them", () => {
  const masks = [INT8 | NULL, STR, BOOL | DEC, TS_ZONED | NULL];
  const text = '1,x,true,\r\n-7,"a,b",0.5,2024-01-02T03:04:05Z\n"5",,TRUE,\n';
  assert.deepEqual(settle(text.replace(",,TRUE", ',"",TRUE'), masks), [3, 58, 1, 33]);
  assert.deepEqual(settle(text, masks), [2, 45, 1, 33]);
  assert.deepEqual(settle(text, masks, 32), [1, 11, 1, 9]);
  assert.deepEqual(settle("", masks), [0, 0, 0, 0]);
});

const stops: readonly (readonly [string, string])[] = [
  ["a null where none was", ",x\n"],
  ["another class of number", "128,x\n"],
  ["text among numbers", "a,x\n"],
  ["minus zero", "-0,x\n"],
  ["a leading zero", "01,x\n"],
  ["a point without digits", "1.,x\n"],
  ["blanks around a number", " 1,x\n"],
  ["fewer fields", "1\n"],
  ["more fields", "1,x,y\n"],
  ["an empty line", "\n"],
  ["a carriage return alone", "1,x\r2,y\n"],
  ["a doubled quote", '1,"x""y"\n'],
  ["text behind a quote", '1,"x"y\n'],
  ["a quote in a field", '1,x"y\n'],
  ["a line end in quotes", '1,"x\ny"\n'],
  ["a control character", "1,x\0\n"],
];

for (const [what, record] of stops) {
  test(`${what} is for the reader`, () => {
    assert.deepEqual(settle(`1,x\n${record}2,y\n`, [INT8, STR]), [1, 4, 0, 3]);
  });
}

test("records go on from block to block; one that is longer than a block is for the reader", () => {
  const many = "1,xxxxxxxxxx\n".repeat(100_000);
  assert.deepEqual(settle(many, [INT8, STR]), [100_000, many.length, 0, 12]);
  assert.deepEqual(settle(`1,${"x".repeat(300_000)}\n`, [INT8, STR], 1_000_000), [0, 0, 0, 0]);
});

const value = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "",
      "1",
      "-1",
      "127",
      "128",
      "0.5",
      "-12.25",
      "true",
      "FALSE",
      "x",
      '"a,b"',
      '""',
    ),
  },
  fc.integer().map(String),
  fc.bigInt(-(2n ** 70n), 2n ** 70n).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.tuple(fc.integer(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
  fc.stringMatching(/^[-+0-9.eE]{0,20}$/),
  fc
    .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.stringMatching(
    /^2024-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,7})?(Z|[+-]0[0-9]:[0-6][0-9])?)?$/,
  ),
  fc.constantFrom(
    "0000-01-01",
    "2023-02-29",
    "tRuE",
    "truE1",
    "falsy",
    "NaN",
    "007",
    "-0",
    "-0.0",
    "1.",
    ".5",
    "9007199254740993",
    "é",
    "\ufeff",
  ),
);

test("a text is settled only where its class is known, and always where it is one of the usual", () => {
  const usual = NULL | BOOL | INT8 | INT16 | DEC | TS_ZONED | STR;
  fc.assert(
    fc.property(
      value.filter((text) => !/["\n]/.test(text)),
      (text) => {
        const buf = Buffer.from(text);
        const bit = text === "" ? NULL : csvClass(buf, 0, buf.length);
        const others = Object.values(VALUE_CLASS).reduce((mask, other) => mask | other, 0) & ~STR & ~bit;
        assert.equal(settle(`${text},x\n`, [others, STR])[0], 0, text);
        const [settled] = settle(`${text},x\n`, [bit, STR]);
        const isShort = text.length < 16 || (bit & TS_ZONED) !== 0;
        if ((bit & usual) !== 0 && isShort) assert.equal(settled, 1, text);
      },
    ),
    { numRuns: 5000 },
  );
});

/** Everything that a scan says but whether the file is plain. */
function told(bytes: Buffer, written: CsvOptionsWritten, maxRecordBytes: number): unknown {
  const scanner = csvScanner(written, { maxRecordBytes });
  for (let at = 0; at < bytes.length; at += 1000) scanner.feed(bytes.subarray(at, at + 1000));
  const { malformed, trie, records, longest, marked } = scanner.finish();
  const fields = [...trie.fields].map(([name, { mask }]) => [name, mask]);
  return { records, longest, marked, fields, malformed: [...recordPlaces(malformed)] };
}

test("with and without it a scan says the same", () => {
  const rare = fc.constantFrom(
    "\n",
    " \n",
    "1\n",
    "1,2,3,4,5\n",
    '"x"y,1,2,3\n',
    '1,"x\ny",2,3\n',
    '"open',
    '1,a"b,,\n',
    "1,\u0001,,\n",
    "1,2,3,4\r",
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value, value, value), { minLength: 1, maxLength: 20 }),
      fc.array(rare, { maxLength: 2 }),
      fc.constantFrom("\n", "\r\n"),
      fc.constantFrom(20, 1_000_000),
      fc.boolean(),
      (rows, odd, lineEnd, maxRecordBytes, hasBadBytes) => {
        const lines = rows.map((row) => row.join(",") + lineEnd);
        // What was seen once is settled when it comes again.
        const text = ["a,b,c,d", lineEnd, ...lines, ...lines, ...odd, ...lines.toReversed(), ...lines].join(
          "",
        );
        const tail = hasBadBytes ? Buffer.from([0x31, 0x2c, 0xff, 0x2c, 0x2c, 0x0a]) : Buffer.alloc(0);
        const bytes = Buffer.concat([Buffer.from(text), tail]);
        // No line begins so, but with a comment stated nothing is settled.
        assert.deepEqual(told(bytes, {}, maxRecordBytes), told(bytes, { comment: "~" }, maxRecordBytes));
      },
    ),
    { numRuns: 1500 },
  );
});

test("very many columns are left to the reader", () => {
  const names = Array.from({ length: MOST_SETTLED_COLUMNS + 1 }, (_, i) => `c${i}`).join(",");
  const row = `${"1,".repeat(MOST_SETTLED_COLUMNS)}1\n`;
  const bytes = Buffer.from(`${names}\n${row.repeat(10)}`);
  assert.deepEqual(told(bytes, {}, 1_000_000), told(bytes, { comment: "~" }, 1_000_000));
});
