import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { csvReasons, csvScanner, csvTypes, readCsv, scanCsv } from "../../../test/support/csv-scans.ts";
import type { CsvOptionsWritten } from "../../formats/csv-options.ts";
import { recordPlaces } from "./record-list.ts";

type Cells = readonly (readonly (string | null)[])[];

const readings: readonly (readonly [
  name: string,
  written: CsvOptionsWritten,
  content: string,
  expected: Cells,
])[] = [
  [
    "sep: a control character",
    { sep: "\\u0001" },
    "a\u0001b\n1,5\u00012\n",
    [
      ["a", "b"],
      ["1,5", "2"],
    ],
  ],
  [
    "sep: two characters, one of which is text",
    { sep: "||" },
    'a||b\n1|2||"x||y"\n||\n',
    [
      ["a", "b"],
      ["1|2", "x||y"],
      [null, null],
    ],
  ],
  [
    "sep: found from the left",
    { sep: "||" },
    "a||b\n1|||2\n",
    [
      ["a", "b"],
      ["1", "|2"],
    ],
  ],
  [
    "sep: beyond ASCII",
    { sep: "¦" },
    "a¦b\n1¦§\n",
    [
      ["a", "b"],
      ["1", "§"],
    ],
  ],
  [
    "sep: blanks with it",
    { sep: ", " },
    'a, b\n1,2, "x, y"\n',
    [
      ["a", "b"],
      ["1,2", "x, y"],
    ],
  ],
  [
    "quote: another character; the usual one is text",
    { quote: "'" },
    `a,b\n'x,y','it''s'\n"1",'2"'\n`,
    [
      ["a", "b"],
      ["x,y", "it's"],
      ['"1"', '2"'],
    ],
  ],
  [
    "quote: none",
    { quote: "" },
    'a,b\n"x,y"\n"",\n',
    [
      ["a", "b"],
      ['"x', 'y"'],
      ['""', null],
    ],
  ],
  [
    "escape: a backslash before a quote, itself and others",
    { escape: "\\" },
    'a,b\n"say \\"hi\\"","c:\\\\d\\n"\n',
    [
      ["a", "b"],
      ['say "hi"', "c:\\d\\n"],
    ],
  ],
  [
    "escape: a backslash at a field's end is itself only where it is escaped",
    { escape: "\\" },
    'a,b\n"x\\\\","y\\",z"\n',
    [
      ["a", "b"],
      ["x\\", 'y",z'],
    ],
  ],
  [
    "escape: doubled quotes beside another escape",
    { escape: "\\" },
    'a,b\n"say ""hi""",""\n',
    [
      ["a", "b"],
      ['say "hi"', ""],
    ],
  ],
  [
    "escape: plain text outside of quotes",
    { escape: "\\" },
    'a,b\n\\x,y\\"\n',
    [
      ["a", "b"],
      ["\\x", 'y\\"'],
    ],
  ],
  [
    "charToEscapeQuoteEscaping: another character",
    { escape: "\\", charToEscapeQuoteEscaping: "^" },
    'a,b\n"x^\\","y\\\\z"\n',
    [
      ["a", "b"],
      ["x\\", "y\\\\z"],
    ],
  ],
  [
    "charToEscapeQuoteEscaping: none",
    { escape: "\\", charToEscapeQuoteEscaping: "" },
    'a,b\n"x\\\\"",y"\n',
    [
      ["a", "b"],
      ['x\\"', 'y"'],
    ],
  ],
  [
    "comment: whole lines, also with quotes in them, before and among the records",
    { comment: "#" },
    '# "made by\na,b\n#1,2\n1,#2\n"#3",4\n#',
    [
      ["a", "b"],
      ["1", "#2"],
      ["#3", "4"],
    ],
  ],
  [
    "nullValue: quoted or not, as a whole field only",
    { nullValue: "NA" },
    'a,b,c\nNA,"NA",NAN\n,"", NA\n',
    [
      ["a", "b", "c"],
      [null, null, "NAN"],
      [null, "", " NA"],
    ],
  ],
  [
    "nullValue: with a quote in it",
    { nullValue: 'a"b' },
    'a,b\n"a""b",x\n',
    [
      ["a", "b"],
      [null, "x"],
    ],
  ],
  [
    "emptyValue: what a quoted empty field stands for",
    { emptyValue: "(empty)" },
    'a,b\n"",\n',
    [
      ["a", "b"],
      ["(empty)", null],
    ],
  ],
  [
    "ignoreLeadingWhiteSpace",
    { ignoreLeadingWhiteSpace: true },
    ' a,\tb\n  1 , "x"\n  ,y\n',
    [
      ["a", "b"],
      ["1 ", "x"],
      [null, "y"],
    ],
  ],
  [
    "ignoreTrailingWhiteSpace",
    { ignoreTrailingWhiteSpace: true },
    'a ,b\t\n 1  ,"x " \n  ,y\n',
    [
      ["a", "b"],
      [" 1", "x "],
      [null, "y"],
    ],
  ],
  [
    "ignored white space beside a tab as separator",
    { sep: "\t", ignoreLeadingWhiteSpace: true, ignoreTrailingWhiteSpace: true },
    "a\tb\n \t x \n",
    [
      ["a", "b"],
      [null, "x"],
    ],
  ],
  [
    "skipRows: lines of any end, empty ones counted, quotes in them",
    { skipRows: 3 },
    'made "by us\r\n\rx\na,b\n1,2\n',
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "skipRows: comments counted",
    { skipRows: 2, comment: "#" },
    "#x\nhead\n#y\na,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "skipRows: behind a byte order mark",
    { skipRows: 1 },
    "\ufeffmade by us\n\na,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["skipRows: more than there are", { skipRows: 9 }, "x\ny", []],
  [
    "header: false",
    { header: false },
    '1,"x"\n\n,y,z\n',
    [
      ["_c0", "_c1"],
      ["1", "x"],
      [null, "y", "z"],
    ],
  ],
  [
    "header: false behind skipped lines",
    { header: false, skipRows: 1 },
    "id,name\n1,x",
    [
      ["_c0", "_c1"],
      ["1", "x"],
    ],
  ],
  [
    "multiLine: false, where quotes close on their line",
    { multiLine: false },
    'a,b\n"x,1","y"\n',
    [
      ["a", "b"],
      ["x,1", "y"],
    ],
  ],
  [
    "lineSep: any of the three leaves all three",
    { lineSep: "\n" },
    "a,b\r\n1,2\r3,4\n",
    [
      ["a", "b"],
      ["1", "2"],
      ["3", "4"],
    ],
  ],
];

for (const [name, written, content, expected] of readings) {
  test(`reads ${name}`, () => {
    assert.deepEqual(readCsv(content, written), expected);
  });
}

test("files named .tsv are parted by tabs unless a separator is stated", () => {
  const text = "a\tb,c\n1\t2,3\n";
  for (const key of ["x.tsv", "in/X.TSV.gz", "x.tab"])
    assert.deepEqual(readCsv(text, {}, key), [
      ["a", "b,c"],
      ["1", "2,3"],
    ]);
  assert.deepEqual(readCsv(text, { sep: "," }, "x.tsv"), [
    ["a\tb", "c"],
    ["1\t2", "3"],
  ]);
  assert.deepEqual(readCsv(text, {}, "x.tsv.csv"), [
    ["a\tb", "c"],
    ["1\t2", "3"],
  ]);
});

test("multiLine: false ends the record at each line end; only the line with the open quote is malformed", () => {
  const scanned = scanCsv('a,b\n1,"open\r\n2,x\n"3,y\r4,z"\n', {}, { multiLine: false });
  assert.equal(scanned.records, 4);
  assert.deepEqual(csvReasons(scanned), ["unclosedQuote", "unclosedQuote"]);
  assert.deepEqual(
    [...recordPlaces(scanned.malformed)].map((place) => [place.offset, place.length]),
    [
      [4, 7],
      [17, 4],
    ],
  );
  assert.deepEqual(csvTypes(scanned), { a: "long", b: "string" });
});

test("multiLine: false and no line end at the end of the file", () => {
  const scanned = scanCsv('a,b\n1,2\n3,"open', {}, { multiLine: false });
  assert.deepEqual([scanned.records, csvReasons(scanned)], [2, ["unclosedQuote"]]);
});

test("text behind a closing quote is malformed in every dialect, blanks only where they are not ignored", () => {
  for (const written of [
    { quote: "'" },
    { quote: "'", escape: "\\" },
    { quote: "'", ignoreLeadingWhiteSpace: true },
  ])
    assert.deepEqual(csvReasons(scanCsv("a,b\n'x' ,1\n'x'y,2\n", {}, written)), [
      "textAfterQuote",
      "textAfterQuote",
    ]);
  const trimmed = scanCsv("a,b\n'x' ,1\n'x'y,2\n", {}, { quote: "'", ignoreTrailingWhiteSpace: true });
  assert.deepEqual(csvReasons(trimmed), ["textAfterQuote"]);
});

test("without a header the first record counts, and a malformed one before it is only itself", () => {
  const scanned = scanCsv('"x"y,1\n1,2\n3,\n', {}, { header: false });
  assert.deepEqual([scanned.records, csvReasons(scanned)], [3, ["textAfterQuote"]]);
  assert.deepEqual(csvTypes(scanned), { _c0: "long", _c1: "long" });
  assert.throws(
    () => scanCsv(",".repeat(10), { maxColumns: 10 }, { header: false }),
    (error) =>
      isLandfallError(error, "FILE_DAMAGED") && /the first record has 11 columns/.test(error.message),
  );
});

test("a comment or a skipped line longer than any record is passed over without being held", () => {
  const scanner = csvScanner({ comment: "#", skipRows: 2 }, { maxRecordBytes: 1000 });
  const chunk = Buffer.alloc(1024 ** 2, '"x');
  const long = (): void => {
    for (let i = 0; i < 20; i++) scanner.feed(chunk);
  };
  scanner.feed(Buffer.from("first\r"));
  long();
  scanner.feed(Buffer.from("\r\na,b\n#"));
  long();
  scanner.feed(Buffer.from("\n1,2\n"));
  const scanned = scanner.finish();
  assert.deepEqual([scanned.records, scanned.malformed.count], [1, 0]);
  assert.deepEqual(csvTypes(scanned), { a: "long", b: "long" });
});

test("a record that is too long ends by the dialect's own separators, quotes and escapes", () => {
  const long = "x".repeat(30);
  for (const [written, record] of [
    [{ sep: ";" }, `${long};"\n"`],
    [{ sep: "|~|" }, `${long}||~|'\n'`],
    [{ quote: "'" }, `"${long}","`],
    [{ escape: "\\" }, `"${long}\\"\n\\\\"`],
    [{ multiLine: false }, `"${long}`],
    [{ ignoreLeadingWhiteSpace: true }, `${long},  "\n"`],
  ] as const) {
    const sep = "sep" in written ? written.sep : ",";
    const options = sep === "|~|" ? { sep, quote: "'" } : written;
    const scanner = csvScanner(options, { maxRecordBytes: 10 });
    for (const byte of Buffer.from(`a${sep}b\n${record}\n2${sep}3\n`)) scanner.feed(Buffer.from([byte]));
    const scanned = scanner.finish();
    assert.deepEqual([scanned.records, csvReasons(scanned)], [2, ["tooLong"]], record);
  }
});

const cell = fc.option(
  fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.stringMatching(/^[a'"|,~\\\r\n #0-9]{0,8}$/),
    fc.constantFrom("1", "007", "NA", "é中😀", '"', "\\", '\\"', "'\\", "\r\n", "#", " x ", "||"),
  ),
);

/** A dialect with what its writer must know; every table can be written in it. */
const dialect = fc
  .record({
    sep: fc.constantFrom(",", ";", "\t", "|", "||", "|~|", "¦"),
    quote: fc.constantFrom('"', "'"),
    escape: fc.constantFrom("doubled", "\\", "^"),
    comment: fc.constantFrom("", "#", "/"),
    nullValue: fc.constantFrom("", "NA"),
    skipRows: fc.nat({ max: 2 }),
    header: fc.boolean(),
    blanks: fc.boolean(),
  })
  .map(({ escape, blanks, ...rest }) => ({
    ...rest,
    escape: escape === "doubled" ? rest.quote : escape,
    ignoreLeadingWhiteSpace: blanks,
    ignoreTrailingWhiteSpace: blanks,
  }));

test("random tables written in random dialects come back value by value", () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 2, max: 5 })
        .chain((width) =>
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
        ),
      dialect,
      fc.boolean(),
      fc.constantFrom("\n", "\r\n", "\r"),
      (cells, written, always, lineEnd) => {
        const { sep, quote, escape, comment, nullValue, header, skipRows, ignoreLeadingWhiteSpace } = written;
        // The text of null cannot be written as anything else.
        const rows = cells.map((row) =>
          row.map((value) => (value === nullValue && value !== "" ? null : value)),
        );
        const fieldOf = (value: string | null): string => {
          const blank = ignoreLeadingWhiteSpace ? " " : "";
          if (value === null) return `${blank}${nullValue}${blank}`;
          const special = [...sep.split(""), quote, "\r", "\n", "\\", "^", "#", "/", " ", "\t"];
          const control = /[\0-\x20]/.test(value);
          const mustQuote = always || value === "" || control || special.some((part) => value.includes(part));
          if (!mustQuote) return `${blank}${value}${blank}`;
          const escaped = escape === quote ? value : value.replaceAll(escape, escape + escape);
          return `${blank}${quote}${escaped.replaceAll(quote, escape + quote)}${quote}${blank}`;
        };
        const names = rows[0]!.map((_, i) => (header ? `c${i}` : `_c${i}`));
        const lines = [
          ...Array.from({ length: skipRows }, () => `left ${quote} out`),
          ...(comment === "" ? [] : [`${comment}${quote}`]),
          ...(header ? [names.join(sep)] : []),
          ...rows.map((row) => row.map(fieldOf).join(sep)),
        ];
        assert.deepEqual(readCsv(lines.join(lineEnd), written), [names, ...rows]);
      },
    ),
    { numRuns: 1000 },
  );
});
