import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { csvFormats } from "../../test/support/csv-scans.ts";
import { countsOf, type FileContents, stageContents, type Staged } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { parseDdl } from "../schema/ddl.ts";
import type { StageRequest, StageResult } from "./engine.ts";

const engine = testEngine();

async function stage(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  return stageContents(engine, t, contents, { format: "csv", ...options });
}

test("types are inferred across files, in whatever order their columns stand", async (t) => {
  const { rows, ddl, result } = await stage(t, {
    "a.csv": "id,name,at\n1,x,2024-01-02T03:04:05Z\n2,,\n",
    "b.csv": "name,at,id,extra\ny,2024-01-02T05:04:05+02:00,2.5,true\n",
  });
  assert.equal(ddl, "id DOUBLE, name STRING, at TIMESTAMP, extra BOOLEAN, _rescued_data STRING");
  assert.deepEqual(rows, [
    '{"id":1,"name":"x","at":"2024-01-02 03:04:05+00"}',
    '{"id":2.5,"name":"y","at":"2024-01-02 03:04:05+00","extra":true}',
    '{"id":2}',
  ]);
  assert.deepEqual(countsOf(result), [
    [2, 2, 0, 0],
    [1, 1, 0, 0],
  ]);
});

test("texts that no type prints back stay strings, digit by digit", async (t) => {
  const { rows, ddl } = await stage(t, {
    "a.csv":
      'zip,long,big,deep\n007,9223372036854775807,12345678901234567890,0.1234567890123456789\n1_0,1,2,"a\0\t"\n',
  });
  assert.equal(ddl, "zip STRING, long BIGINT, big STRING, deep STRING, _rescued_data STRING");
  assert.deepEqual(rows, [
    '{"zip":"007","long":"9223372036854775807","big":"12345678901234567890","deep":"0.1234567890123456789"}',
    '{"zip":"1_0","long":"1","big":"2","deep":"a\\u0000\\t"}',
  ]);
});

test("what does not fit the table is rescued as text; the table's types stay", async (t) => {
  const { rows, result, ddl } = await stage(
    t,
    {
      "a.csv":
        'i,d,m,f,b,da,I\n1,1.5,1.25,0.5,true,2024-01-02,x\n1.5,1e400,1.255,0.1234567891,yes,2024-1-2,\n"",9007199254740993,123456789012345678901234567890.12,1,FALSE,,\n',
    },
    {
      tableSchema: parseDdl(
        "i INT, d DOUBLE, m DECIMAL(38,2), f FLOAT, b BOOLEAN, da DATE, _rescued_data STRING",
      ),
    },
  );
  assert.match(ddl, /^i INT, d DOUBLE, m DECIMAL\(38,2\), f FLOAT, b BOOLEAN, da DATE, _rescued_data STRING/);
  const objects = rows.map((row) => JSON.parse(row) as Record<string, unknown>);
  assert.deepEqual(objects, [
    {
      _rescued_data:
        '{"i":"1.5","d":"1e400","m":"1.255","f":"0.1234567891","b":"yes","da":"2024-1-2","_file_path":"a.csv"}',
    },
    {
      i: 1,
      d: 1.5,
      m: "1.25",
      f: 0.5,
      b: true,
      da: "2024-01-02",
      _rescued_data: '{"I":"x","_file_path":"a.csv"}',
    },
    {
      m: "123456789012345678901234567890.12",
      f: 1,
      b: false,
      _rescued_data: '{"i":"","d":"9007199254740993","_file_path":"a.csv"}',
    },
  ]);
  assert.deepEqual(countsOf(result), [[3, 3, 3, 0]]);
});

test("short records are null where they end, long ones rescued by place, equal names by name", async (t) => {
  const { rows } = await stage(t, { "a.csv": "a,a,b\n1\n2,3,4,5,,7\n" });
  assert.deepEqual(rows, [
    '{"a":"1"}',
    '{"a":"2","b":"4","_rescued_data":"{\\"a\\":\\"3\\",\\"_c3\\":\\"5\\",\\"_c5\\":\\"7\\",\\"_file_path\\":\\"a.csv\\"}"}',
  ]);
});

test("broken records are set aside with their place, reason and bytes; the counts close", async (t) => {
  const { rows, result } = await stage(t, {
    "a.csv": Buffer.concat([
      Buffer.from('id,name\r\n1,x\r\n"2"x,y\r\n3,'),
      Buffer.from([0xff]),
      Buffer.from('\r\n4,"open\r\n5,z'),
    ]),
  });
  assert.deepEqual(rows, ['{"id":"1","name":"x"}']);
  assert.deepEqual(countsOf(result), [[4, 1, 0, 3]]);
  const rejects = await engine.query({
    sql: "SELECT record, byte_offset, length, reason, hex(content) FROM rejects ORDER BY record",
    tables: [
      {
        name: "rejects",
        schema: parseDdl("record BIGINT, byte_offset BIGINT, length BIGINT, reason STRING, content BINARY"),
        partitionColumns: [],
        files: [{ path: result.rejects!.path, partitionValues: {} }],
      },
    ],
  });
  const hex = (text: string): string => Buffer.from(text).toString("hex").toUpperCase();
  assert.deepEqual(rejects.rows, [
    ["2", "14", "6", "text follows the closing quote of a field", hex('"2"x,y')],
    ["3", "22", "3", "the record is not valid UTF-8", `${hex("3,")}FF`],
    ["4", "27", "12", "a quoted field is never closed", hex('4,"open\r\n5,z')],
  ]);
});

test("files without records are committed; a header that names nothing quarantines its file", async (t) => {
  const { rows, result } = await stage(t, {
    "a-empty.csv": "",
    "b-header.csv": "id,name\n",
    "c-blank.csv": "\n\n",
    "d-bad.csv": '"id\n1\n',
    "e-good.csv": "id\n1\n",
  });
  assert.deepEqual(
    result.files.map((file) => file.outcome),
    ["committed", "committed", "committed", "quarantined", "committed"],
  );
  assert.match(result.files[3]!.reason!, /CSV: the header cannot be read: a quoted field is never closed/);
  assert.equal(result.files[3]!.bytes, 6);
  assert.deepEqual(rows, ['{"id":"1"}']);
});

test("gzip is told by content and read to the byte; a cut one is quarantined", async (t) => {
  const plain = `id,name\n${Array.from({ length: 5000 }, (_, i) => `${i},"n ${i}"\n`).join("")}`;
  const packed = gzipSync(plain);
  const { rows, result } = await stage(t, {
    "a.csv": packed,
    "b.csv": packed.subarray(0, packed.length - 9),
    "c.csv": Buffer.concat([gzipSync("id,name\n"), gzipSync('90000,"x\ny"\n')]),
  });
  assert.deepEqual(
    result.files.map((file) => [file.outcome, file.written]),
    [
      ["committed", 5000],
      ["quarantined", 0],
      ["committed", 1],
    ],
  );
  assert.equal(rows.length, 5001);
  assert.ok(rows.includes('{"id":"90000","name":"x\\ny"}'));
});

test("names that Spark refuses become columns with another name, and are found again by the next file", async (t) => {
  const first = await stage(t, { "a.csv": "my id,_rescued_data\n1,x\n" });
  assert.equal(first.ddl, "my_id BIGINT, _rescued_data STRING");
  assert.deepEqual(first.rows, [
    '{"my_id":"1","_rescued_data":"{\\"_rescued_data\\":\\"x\\",\\"_file_path\\":\\"a.csv\\"}"}',
  ]);
  const second = await stage(t, { "b.csv": "x,my id\n5,2\n" }, { tableSchema: first.result.schema });
  assert.equal(second.ddl, "my_id BIGINT, _rescued_data STRING, x BIGINT");
  assert.deepEqual(second.rows, ['{"my_id":"2","x":"5"}']);
});

test("times without a zone mean the pipeline's; hints decide types", async (t) => {
  const { rows, ddl } = await stage(
    t,
    { "a.csv": "seen,amount,code\n2024-07-01 12:00:00,1.10,7\n" },
    {
      timeZone: "America/New_York",
      hints: [
        { path: ["amount"], type: "decimal(10,2)" },
        { path: ["code"], type: "string" },
      ],
    },
  );
  assert.equal(ddl, "seen TIMESTAMP, amount DECIMAL(10,2), code STRING, _rescued_data STRING");
  assert.deepEqual(rows, ['{"seen":"2024-07-01 16:00:00+00","amount":"1.10","code":"7"}']);
});

test("dates and times of a stated pattern become ISO; what does not match is rescued as it was written", async (t) => {
  const formats = csvFormats({
    sep: ";",
    dateFormat: "dd.MM.yyyy",
    timestampFormat: "dd.MM.yyyy HH:mm[:ss][XXX]",
  });
  const text = [
    "day;at;code;note",
    "29.02.2024;01.03.2024 10:00;20240131;31.01.2024",
    "01.03.2024;01.03.2024 10:00:01+02:00;20240201;x",
    "",
  ].join("\n");
  const { rows, ddl, result } = await stage(t, { "a.csv": text }, { formats, timeZone: "Europe/Zurich" });
  assert.equal(ddl, "day DATE, at TIMESTAMP, code BIGINT, note STRING, _rescued_data STRING");
  assert.deepEqual(rows, [
    '{"day":"2024-02-29","at":"2024-03-01 09:00:00+00","code":"20240131","note":"31.01.2024"}',
    '{"day":"2024-03-01","at":"2024-03-01 08:00:01+00","code":"20240201","note":"x"}',
  ]);
  const later = await stage(
    t,
    { "b.csv": "day;at\n2024-02-29;01.03.2024\n30.02.2024;2024-03-01 10:00:00\n" },
    { formats, tableSchema: result.schema },
  );
  assert.deepEqual(
    later.rows.map((row) => JSON.parse(row) as unknown),
    [
      { _rescued_data: '{"day":"2024-02-29","at":"01.03.2024","_file_path":"b.csv"}' },
      { _rescued_data: '{"day":"30.02.2024","at":"2024-03-01 10:00:00","_file_path":"b.csv"}' },
    ],
  );
});

test("a pattern of digits alone reads columns that are hinted as dates", async (t) => {
  const formats = csvFormats({ dateFormat: "yyyyMMdd", timestampFormat: "yyyyMMddHHmmss" });
  const hints = [
    { path: ["day"], type: "date" },
    { path: ["at"], type: "timestamp" },
    { path: ["local"], type: "timestamp_ntz" },
  ] as const;
  const text = "day,at,local\n20240131,20240131235958,20240131235958\n20240132,2024013123595,x\n";
  const { rows } = await stage(t, { "a.csv": text }, { formats, hints });
  assert.deepEqual(
    rows.map((row) => JSON.parse(row) as unknown),
    [
      { _rescued_data: '{"day":"20240132","at":"2024013123595","local":"x","_file_path":"a.csv"}' },
      { day: "2024-01-31", at: "2024-01-31 23:59:58+00", local: "2024-01-31 23:59:58" },
    ],
  );
});

test("stated words are NaN and the infinities in floating columns, and text or rescued elsewhere", async (t) => {
  const formats = csvFormats({ nanValue: "-999", positiveInf: "Inf", negativeInf: "-Inf" });
  const columns = parseDdl("d DOUBLE, f FLOAT, i INT, s STRING");
  const { rows } = await stage(
    t,
    { "a.csv": "d,f,i,s\n-999,Inf,-999,Inf\n-Inf,-999,Inf,-999\nNaN,1.5,1,x\n" },
    { formats, columns },
  );
  assert.deepEqual(rows, [
    '{"d":"-Infinity","f":"NaN","s":"-999","_rescued_data":"{\\"i\\":\\"Inf\\",\\"_file_path\\":\\"a.csv\\"}"}',
    '{"d":"NaN","f":"Infinity","i":-999,"s":"Inf"}',
    '{"f":1.5,"i":1,"s":"x","_rescued_data":"{\\"d\\":\\"NaN\\",\\"_file_path\\":\\"a.csv\\"}"}',
  ]);
});

test("files without a header share columns by place, also where one has more than another", async (t) => {
  const formats = csvFormats({ header: false });
  const { rows, ddl } = await stage(t, { "a.csv": "1,x\n2,y,true,5\n", "b.csv": "3,z,false\n" }, { formats });
  assert.equal(ddl, "_c0 BIGINT, _c1 STRING, _c2 BOOLEAN, _rescued_data STRING");
  assert.deepEqual(rows, [
    '{"_c0":"1","_c1":"x"}',
    '{"_c0":"2","_c1":"y","_c2":true,"_rescued_data":"{\\"_c3\\":\\"5\\",\\"_file_path\\":\\"a.csv\\"}"}',
    '{"_c0":"3","_c1":"z","_c2":false}',
  ]);
});

test("files of other encodings become UTF-8, by option or by their mark; one that is cut is quarantined", async (t) => {
  const text = "id,name\n1,é😀\n2,中\n";
  const marked = Buffer.from(`\ufeff${text}`, "utf16le");
  const { rows, result } = await stage(t, {
    "a.csv": marked,
    "b.csv": gzipSync(Buffer.from(marked).swap16()),
    "c.csv": text,
    "d.csv": marked.subarray(0, marked.length - 1),
  });
  const three = (row: string): string[] => [row, row, row];
  assert.deepEqual(rows, [...three('{"id":"1","name":"é😀"}'), ...three('{"id":"2","name":"中"}')]);
  assert.deepEqual(
    result.files.map((file) => [file.outcome, file.written]),
    [
      ["committed", 2],
      ["committed", 2],
      ["committed", 2],
      ["quarantined", 0],
    ],
  );
  assert.equal(result.files[0]!.bytes, marked.length);
  assert.match(result.files[3]!.reason!, /no utf-16le/);
  const latin = await stage(
    t,
    { "a.csv": Buffer.from('id,name\n1,caf\xe9\n2,"x"y\xe9\n', "latin1") },
    { formats: csvFormats({ encoding: "ISO-8859-1" }) },
  );
  assert.deepEqual(latin.rows, ['{"id":"1","name":"café"}']);
  assert.equal(latin.result.rejects?.rows, 1);
  const [content] = await rejected(latin.result);
  assert.equal(content, '2,"x"yé');
});

async function rejected(result: StageResult): Promise<unknown[]> {
  const { rows } = await engine.query({
    sql: "SELECT decode(content) FROM rejects ORDER BY record",
    tables: [
      {
        name: "rejects",
        schema: parseDdl("record BIGINT, content BINARY"),
        partitionColumns: [],
        files: [{ path: result.rejects!.path, partitionValues: {} }],
      },
    ],
  });
  return rows.map(([content]) => content);
}

const cell = fc.oneof(
  fc.constant(null),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.constantFrom("", "007", "1", "1.5", "true", "2024-01-02", "é", '"', "\r\n", ",", "\\", "\u0001", "null"),
);

test("random tables into string columns come back character by character", async (t) => {
  const columns = parseDdl("a STRING, b STRING, c STRING");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      async (cells, always) => {
        const lines = cells.map((row) =>
          row
            .map((value) => {
              if (value === null) return "";
              const mustQuote = always || value === "" || /[",\r\n]/.test(value);
              return mustQuote ? `"${value.replaceAll('"', '""')}"` : value;
            })
            .join(","),
        );
        const { rows } = await stage(t, { "a.csv": ["a,b,c", ...lines].join("\r\n") }, { columns });
        const expected = cells.map((row) =>
          JSON.stringify(
            Object.fromEntries(row.flatMap((value, i) => (value === null ? [] : [["abc"[i]!, value]]))),
          ),
        );
        assert.deepEqual(rows, expected.sort());
      },
    ),
    { numRuns: 15 },
  );
});

test("the order in which files are given changes neither rows nor types", async (t) => {
  const contents = { "a.csv": "x,y\n1,\n", "b.csv": "y,x\n1.5,true\n", "c.csv": "x\n2024-01-02\n" };
  const forward = await stage(t, contents);
  const backward = await stage(t, Object.fromEntries(Object.entries(contents).reverse()));
  assert.deepEqual(backward.rows, forward.rows);
  assert.deepEqual(backward.ddl.split(", ").sort(), forward.ddl.split(", ").sort());
});
