import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import {
  csvReasons as reasons,
  csvScanner as scannerOf,
  csvTypes as types,
  readCsv as read,
  scanCsv as scan,
} from "../../../test/support/csv-scans.ts";
import type { CsvOptionsWritten } from "../../formats/csv-options.ts";
import { inferSchema } from "../../schema/infer-schema.ts";
import { mergeTries } from "../../schema/lattice.ts";
import type { CsvScan } from "./csv-scanner.ts";
import { recordPlaces } from "./record-list.ts";

const readings: readonly (readonly [string, string, readonly (readonly (string | null)[])[]])[] = [
  [
    "LF",
    "a,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "CRLF",
    "a,b\r\n1,2\r\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "CR",
    "a,b\r1,2\r",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "line ends of all kinds in one file",
    "a,b\r\n1,2\n3,4\r5,6",
    [
      ["a", "b"],
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
    ],
  ],
  ["a last record without a line end", "a\n1", [["a"], ["1"]]],
  [
    "blank lines",
    "\n \t\na,b\n\n  \n1,2\n\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["blanks as the value of an only column", "a\n \n\n", [["a"], [" "]]],
  [
    "quoted commas, line ends and quotes",
    'a,b\n"x,\r\ny","say ""hi"""\n',
    [
      ["a", "b"],
      ["x,\r\ny", 'say "hi"'],
    ],
  ],
  [
    "null and the empty string",
    'a,b,c\n,"",\n',
    [
      ["a", "b", "c"],
      [null, "", null],
    ],
  ],
  ["quotes inside an unquoted field", 'a\n5" pipe\nx"y"z\n', [["a"], ['5" pipe'], ['x"y"z']]],
  [
    "blanks, which belong to the value",
    "a,b\n x , y\n",
    [
      ["a", "b"],
      [" x ", " y"],
    ],
  ],
  ["records shorter and longer than the header", "a,b\n1\n1,2,3\n", [["a", "b"], ["1"], ["1", "2", "3"]]],
  ["empty and quoted names in the header", 'a,,"x ""y""",""\n', [["a", "_c1", 'x "y"', "_c3"]]],
  [
    "a byte order mark before a quoted name",
    '\ufeff"a",b\n1,2\n',
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["an empty file", "", []],
  ["only blank lines", "\n\r\n\n", []],
];

for (const [name, content, expected] of readings) {
  test(`reads ${name}`, () => {
    assert.deepEqual(read(content), expected);
  });
}

const enemies: readonly (readonly [string, string | Buffer, string])[] = [
  ["text after a closing quote", '"x"y,2', "textAfterQuote"],
  ["a blank after a closing quote", '"x" ,2', "textAfterQuote"],
  ["a quoted field right behind another", '"x""y"z"w",2', "textAfterQuote"],
  ["invalid UTF-8", Buffer.from([0x78, 0xff, 0x2c, 0x31]), "invalidUtf8"],
  ["an overlong encoding", Buffer.from([0xc0, 0xaf, 0x2c, 0x31]), "invalidUtf8"],
  ["a record longer than the limit", `${"x".repeat(101)},2`, "tooLong"],
];

for (const [name, record, reason] of enemies) {
  test(`${name} is malformed as ${reason}, leaves no trace, and its neighbours stand`, () => {
    const bytes = Buffer.from(record);
    const scanned = scan(Buffer.concat([Buffer.from("a,b\n1,2\n"), bytes, Buffer.from("\n3,4\n")]), {
      maxRecordBytes: 100,
    });
    assert.equal(scanned.records, 3);
    assert.deepEqual(reasons(scanned), [reason]);
    const [place] = [...recordPlaces(scanned.malformed)];
    assert.deepEqual([place!.offset, place!.length, place!.ordinal], [8, bytes.length, 1]);
    assert.deepEqual(types(scanned), { a: "long", b: "long" });
  });
}

test("a quote that is never closed takes the rest of the file as one malformed record", () => {
  const scanned = scan('a,b\n1,2\n3,"open\n4,5\n6,7\n');
  assert.equal(scanned.records, 2);
  assert.deepEqual(reasons(scanned), ["unclosedQuote"]);
  const [place] = [...recordPlaces(scanned.malformed)];
  assert.deepEqual([place!.offset, place!.length], [8, 16]);
});

test("a record of 40 MB that never ends is not held", () => {
  const scanner = scannerOf({}, { maxRecordBytes: 1000 });
  scanner.feed(Buffer.from('a\n"'));
  const chunk = Buffer.alloc(1024 ** 2, "x\n");
  for (let i = 0; i < 40; i++) scanner.feed(chunk);
  scanner.feed(Buffer.from('"\n1\n'));
  const scanned = scanner.finish();
  assert.equal(scanned.records, 2);
  assert.deepEqual(reasons(scanned), ["tooLong"]);
  assert.equal([...recordPlaces(scanned.malformed)][0]!.length, 40 * 1024 ** 2 + 2);
});

const headers: readonly (readonly [string, string | Buffer, RegExp])[] = [
  ["a quote that is never closed", '"a,b\n1,2', /a quoted field is never closed/],
  ["text after a closing quote", '"a"x,b\n', /text follows the closing quote/],
  ["invalid UTF-8", Buffer.from([0xff, 0xfe, 0x61, 0x00, 0x0a]), /not valid UTF-8/],
  ["UTF-16", Buffer.from("a,b\n", "utf16le"), /not UTF-8 text/],
  ["more columns than the limit", "a,".repeat(10_000), /10001 columns/],
];

for (const [name, content, message] of headers) {
  test(`a header with ${name} refuses the file`, () => {
    assert.throws(
      () => scan(content),
      (error) => isLandfallError(error, "FILE_DAMAGED") && message.test(error.message),
    );
  });
}

test("types come from every value, nulls aside; a column of nulls has none yet", () => {
  const scanned = scan(
    "i,d,b,t,s,n,m\n1,1.5,true,2024-01-02T03:04:05Z,x,,1\n2,2,FALSE,2024-01-02T03:04:05,1,,x\n,,,,,,\n",
  );
  assert.deepEqual(types(scanned), {
    i: "long",
    d: "double",
    b: "boolean",
    t: "timestamp",
    s: "string",
    m: "string",
  });
});

test("of equal names the first is the column, and the types of the others do not touch it", () => {
  assert.deepEqual(types(scan("a,a\n1,x\n")), { a: "long" });
});

/** A field as Python's csv module writes it: quoted when it must be, or always. */
function written(value: string | null, always: boolean): string {
  if (value === null) return "";
  return always || value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

const cell = fc.option(
  fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.stringMatching(/^[a",\r\n 0-9]{0,8}$/),
    fc.constantFrom("1", "007", "1.5", "true", "2024-01-02", "é中😀", '"', "\r\n", ","),
  ),
);
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 12 }));

test("random tables written with quoting come back value by value", () => {
  fc.assert(
    fc.property(
      table,
      fc.boolean(),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      (rows, always, lineEnd, ends) => {
        const names = (rows[0] ?? ["a", "b"]).map((_, i) => `c${i}`);
        const lines = [names, ...rows].map((row) => row.map((value) => written(value, always)).join(","));
        const text = lines.join(lineEnd) + (ends ? lineEnd : "");
        assert.deepEqual(read(text), [names, ...rows]);
      },
    ),
  );
});

const roughParts = fc.array(
  fc.constantFrom(
    '"',
    '"',
    "'",
    ",",
    "|",
    "||",
    "|~",
    "\n",
    "\r",
    "\r\n",
    "a",
    "1",
    " ",
    "\t",
    "é",
    "\ufeff",
    "\\",
    "\\",
    "^",
    "#",
    "NA",
    "2024-01-02",
  ),
  { maxLength: 60 },
);

/** Dialects of all kinds, as people write them. */
const dialects = fc.record<CsvOptionsWritten>(
  {
    header: fc.boolean(),
    sep: fc.constantFrom(",", "|", "||", "||~", "|~|", "\t", " ", " ,"),
    quote: fc.constantFrom('"', "'", ""),
    escape: fc.constantFrom('"', "\\"),
    charToEscapeQuoteEscaping: fc.constantFrom("", "^", "\\"),
    comment: fc.constantFrom("", "#"),
    nullValue: fc.constantFrom("", "NA"),
    emptyValue: fc.constantFrom("", "1"),
    skipRows: fc.nat({ max: 3 }),
    multiLine: fc.boolean(),
    ignoreLeadingWhiteSpace: fc.boolean(),
    ignoreTrailingWhiteSpace: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Everything that a scan says, as plain data. */
function told(content: readonly Buffer[], written: CsvOptionsWritten, maxRecordBytes: number): unknown {
  const scanner = scannerOf(written, { maxRecordBytes });
  try {
    for (const bytes of content) {
      // A chunk is overwritten once it has been taken.
      const chunk = Buffer.from(bytes);
      scanner.feed(chunk);
      chunk.fill(0x22);
    }
    const { trie, malformed, ...rest } = scanner.finish();
    return {
      ...rest,
      schema: inferSchema({ trie }),
      malformed: [...recordPlaces(malformed)],
      mask: trie.mask,
    };
  } catch (error) {
    if (isLandfallError(error, "FILE_DAMAGED")) return error.message;
    throw error;
  }
}

function inPieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

test("however the bytes are cut into chunks, in whatever dialect, the scan says the same", () => {
  fc.assert(
    fc.property(
      roughParts,
      dialects,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(3, 8, 20, 1000),
      (parts, written, sizes, maxRecordBytes) => {
        const head = `${"x\r\n".repeat(written.skipRows ?? 0)}a${written.sep ?? ","}b\n`;
        const bytes = Buffer.from(`${head}${parts.join("")}`);
        assert.deepEqual(
          told(inPieces(bytes, sizes), written, maxRecordBytes),
          told([bytes], written, maxRecordBytes),
        );
      },
    ),
    { numRuns: 3000 },
  );
});

test("neither the order of rows nor that of files shows in the schema", () => {
  const value = fc.constantFrom(
    "",
    "1",
    "1.5",
    "9007199254740993",
    "true",
    "x",
    "2024-01-02",
    "2024-01-02T00:00:00Z",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 10 }), fc.nat(), (rows, seed) => {
      const lines = rows.map((row) => row.join(","));
      const turned = lines.map((_, i) => lines[(i + seed) % lines.length]!);
      const scanOf = (part: readonly string[], file: number): CsvScan => {
        const scanner = scannerOf({}, { file });
        scanner.feed(Buffer.from(["a,b", ...part].join("\n")));
        return scanner.finish();
      };
      const half = Math.floor(lines.length / 2);
      const first = scanOf(turned.slice(0, half), 0).trie;
      const second = scanOf(turned.slice(half), 1).trie;
      const expected = inferSchema({ trie: scanOf(lines, 0).trie });
      assert.deepEqual(inferSchema({ trie: mergeTries(first, second) }), expected);
      assert.deepEqual(inferSchema({ trie: mergeTries(second, first) }), expected);
    }),
  );
});
