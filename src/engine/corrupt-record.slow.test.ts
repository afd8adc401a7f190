/** `columnNameOfCorruptRecord`: records that cannot be read are rows of their text. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { tarOf } from "../../test/support/archives.ts";
import {
  countsOf,
  STAGE_LIMITS,
  stageContents,
  tableOf,
  type FileContents,
} from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { DEFAULT_FORMAT_OPTIONS, type FormatOptions } from "../formats/format-options.ts";
import { readPartition, type ComputedColumn } from "../schema/computed-column.ts";
import { parseDdl, parseHints } from "../schema/ddl.ts";
import type { StageRequest, StageResult } from "./engine.ts";

const engine = testEngine();
type Format = "json" | "csv";

function formatsWith(columnNameOfCorruptRecord: string): FormatOptions {
  const { json, csv } = DEFAULT_FORMAT_OPTIONS;
  return {
    ...DEFAULT_FORMAT_OPTIONS,
    json: { ...json, columnNameOfCorruptRecord },
    csv: { ...csv, columnNameOfCorruptRecord },
  };
}

const stage = (
  t: Pick<TestContext, "after">,
  contents: FileContents,
  options: { readonly format: Format; readonly column?: string } & Partial<StageRequest>,
): ReturnType<typeof stageContents> =>
  stageContents(engine, t, contents, { formats: formatsWith(options.column ?? "broken"), ...options });

const corruptOf = (result: StageResult): (number | undefined)[] => result.files.map(({ corrupt }) => corrupt);

test("json: broken lines are rows of their text, null in all else, and nothing is rejected", async (t) => {
  const content = Buffer.concat([
    Buffer.from('{"id":1}\r\n{"id":\r\n'),
    Buffer.from('{"id":"caf\xe9"}\n', "latin1"),
    Buffer.from('{"id":2}\n{"id":3,"na'),
  ]);
  const { result, rows, ddl } = await stage(t, { a: content }, { format: "json" });
  assert.equal(ddl, "id BIGINT, broken STRING, _rescued_data STRING");
  assert.deepEqual(rows, [
    '{"broken":"{\\"id\\":"}',
    '{"broken":"{\\"id\\":3,\\"na"}',
    '{"broken":"{\\"id\\":\\"caf\uFFFD\\"}"}',
    '{"id":"1"}',
    '{"id":"2"}',
  ]);
  assert.deepEqual([countsOf(result), corruptOf(result), result.rejects], [[[5, 5, 0, 0]], [3], undefined]);
});

test("csv: broken records are rows; short and long ones stay what they are", async (t) => {
  const contents = { a: 'id,name\n1,x\n2,"y"z\n3\n4,w,more\n5,"open\nto the end' };
  const { result, rows, ddl } = await stage(t, contents, { format: "csv" });
  assert.equal(ddl, "id BIGINT, name STRING, broken STRING, _rescued_data STRING");
  assert.deepEqual(rows.slice(0, 4), [
    '{"broken":"2,\\"y\\"z"}',
    '{"broken":"5,\\"open\\nto the end"}',
    '{"id":"1","name":"x"}',
    '{"id":"3"}',
  ]);
  assert.deepEqual([countsOf(result), corruptOf(result), result.rejects], [[[5, 5, 1, 0]], [2], undefined]);
});

test("files of broken records only make a table of the column alone", async (t) => {
  const { rows, ddl } = await stage(t, { a: "hello\nworld\n" }, { format: "json" });
  assert.equal(ddl, "broken STRING, _rescued_data STRING");
  assert.deepEqual(rows, ['{"broken":"hello"}', '{"broken":"world"}']);
});

test("provenance is filled for such rows, computed columns are null", async (t) => {
  const day = readPartition("date(at)") as { readonly kind: "computed"; readonly column: ComputedColumn };
  const broken = { json: '{"at":"2024-01-01T00:00:00Z"}\n{"at":\n', csv: 'at\n2024-01-01T00:00:00Z\n"x"y\n' };
  for (const format of ["json", "csv"] as const) {
    const { rows } = await stage(
      t,
      { "a.txt": broken[format] },
      {
        format,
        provenance: [
          { column: "file_name", field: "file_name" },
          { column: "record_number", field: "record_number" },
        ],
        computedColumns: [day.column],
        hints: parseHints("at TIMESTAMP"),
      },
    );
    assert.deepEqual(
      rows.map((row) => JSON.parse(row) as unknown),
      [
        {
          at: "2024-01-01 00:00:00+00",
          file_name: "a.txt",
          record_number: "1",
          at_date: "2024-01-01",
        },
        { file_name: "a.txt", record_number: "2", broken: format === "json" ? '{"at":' : '"x"y' },
      ],
    );
  }
});

test("large, compressed and archived files with broken records are prepared, whatever their route", async (t) => {
  const lines = Array.from({ length: 40_000 }, (_, id) => `{"id":${id},"filler":"${"x".repeat(20)}"}`);
  const large = [...lines.slice(0, 20_000), "nope", ...lines.slice(20_000)].join("\n");
  const contents = {
    "a.json": large,
    "b.json": gzipSync('{"id":1}\nnope\n'),
    "c.json": '[{"id":1},nope]',
    "d.tar": tarOf([
      { name: "x.json", content: '{"id":1}\nnope\n' },
      { name: "y.json", content: "nope\n" },
    ]),
    "e.json": '{"id":1}\n',
  };
  const { result } = await stage(t, contents, { format: "json" });
  assert.deepEqual(corruptOf(result), [1, 1, 1, 2, undefined]);
  const { rows } = await engine.query({
    sql: "SELECT broken, count(*), count(id) FROM batch GROUP BY ALL ORDER BY 1",
    tables: [tableOf(result)],
  });
  assert.deepEqual(rows, [
    ["nope", "5", "0"],
    [null, "40004", "40004"],
  ]);
});

test("a key of the data goes into no such column, and is rescued", async (t) => {
  const json = await stage(t, { a: '{"id":1,"broken":"x"}\n' }, { format: "json" });
  assert.match(json.rows[0]!, /^\{"id":"1","_rescued_data":"\{\\"broken\\":\\"x\\"/);
  const csv = await stage(t, { a: "id,broken\n1,x\n" }, { format: "csv" });
  assert.match(csv.rows[0]!, /^\{"id":"1","_rescued_data":"\{\\"broken\\":\\"x\\"/);
});

test("a table's column is taken as it is spelt, and refused where it is no STRING", async (t) => {
  const tableSchema = parseDdl("id BIGINT, Broken STRING, _rescued_data STRING");
  for (const [format, content] of [
    ["json", '{"id":1}\nx\n'],
    ["csv", 'id\n1\n"x"x\n'],
  ] as const) {
    const { rows, ddl } = await stage(t, { a: content }, { format, tableSchema });
    assert.equal(ddl, "id BIGINT, Broken STRING, _rescued_data STRING");
    assert.equal(rows.filter((row) => row.startsWith('{"Broken":')).length, 1);
  }
  await assert.rejects(
    stage(t, { a: '{"id":1}\n' }, { format: "json", tableSchema: parseDdl("id BIGINT, broken BIGINT") }),
    (error) => isLandfallError(error, "TABLE_SCHEMA_CONFLICT") && error.message.includes("broken BIGINT"),
  );
});

test("what fits no column goes into the table's column for it, however that is spelt", async (t) => {
  const tableSchema = parseDdl("id BIGINT, _Rescued_Data STRING");
  for (const [format, content] of [
    ["json", '{"id":1}\n{"id":"x"}\n'],
    ["csv", "id\n1\nx\n"],
  ] as const) {
    const { rows, result } = await stage(t, { a: content }, { format, tableSchema });
    assert.deepEqual(rows, ['{"_Rescued_Data":"{\\"id\\":\\"x\\",\\"_file_path\\":\\"a\\"}"}', '{"id":"1"}']);
    assert.equal(result.files[0]!.rescued, 1);
  }
});

test("rules see the rows: one that wants none rejects them, and they are counted once", async (t) => {
  const { result, rows } = await stage(
    t,
    { a: '{"id":1}\nx\n{"id":2,"id":3}\ny\n', b: "z\n" },
    { format: "json", expect: [{ name: "readable", sql: "broken IS NULL OR broken = 'y'" }] },
  );
  assert.deepEqual(
    [countsOf(result), corruptOf(result)],
    [
      [
        [4, 3, 1, 1],
        [1, 0, 0, 1],
      ],
      [1, 0],
    ],
  );
  assert.equal(rows.length, 3);
  assert.equal(result.rejects?.rows, 2);
});

test("of a record of more than a mebibyte its beginning is kept, cut between characters", async (t) => {
  const long = `x${"é".repeat(600_000)}`;
  const { json, csv } = { json: `${long}\n`, csv: `id,n\n"${"x".repeat(1024 ** 2 + 5)}"y\n` };
  for (const [format, content] of Object.entries({ json, csv })) {
    const { result } = await stage(t, { a: content }, { format: format as Format });
    const { rows } = await engine.query({
      sql: "SELECT strlen(broken), right(broken, 1) FROM batch",
      tables: [tableOf(result)],
    });
    assert.deepEqual(rows, [format === "json" ? [String(1024 ** 2 - 1), "é"] : [String(1024 ** 2), "x"]]);
  }
});

test("zeroed and too long records are rows too", async (t) => {
  const content = Buffer.concat([Buffer.alloc(3000), Buffer.from(`\n${"[".repeat(5000)}\n{"a":1}\n`)]);
  const { result } = await stage(
    t,
    { a: content },
    {
      format: "json",
      limits: { ...STAGE_LIMITS, maxRecordBytes: 4000 },
    },
  );
  const { rows } = await engine.query({
    sql: "SELECT length(broken) FROM batch ORDER BY 1",
    tables: [tableOf(result)],
  });
  assert.deepEqual(rows, [["3000"], ["5000"], [null]]);
});

const jsonLine = fc.oneof(
  fc.json({ maxDepth: 1 }),
  fc.record({ a: fc.integer() }).map((value) => JSON.stringify(value)),
  fc.string({ unit: fc.constantFrom("{", "}", '"', ":", ",", "1", "\\", "é", "\t", "a") }),
);
const csvLine = fc.string({ unit: fc.constantFrom('"', ",", "1", "é", " ", "a") });

for (const [format, line, head] of [
  ["json", jsonLine, ""],
  ["csv", csvLine, "a,b\n"],
] as const) {
  test(`${format}: the rows are exactly the records that are rejected without the column`, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.constantFrom("\n", "\r\n"),
        async (lines, end) => {
          const contents = { a: head + lines.join(end) };
          const provenance = [{ column: "record", field: "record_number" }] as const;
          const plain = await stageContents(engine, t, contents, { format, provenance });
          const kept = await stage(t, contents, { format, provenance });
          assert.deepEqual(await brokenRows(kept.result), await rejectedRows(plain.result));
          assert.deepEqual(
            kept.rows.filter((row) => !/"broken":/.test(row)),
            plain.rows,
          );
          assert.equal(kept.result.files[0]!.written, kept.result.files[0]!.read);
        },
      ),
      { numRuns: 20 },
    );
  });
}

async function brokenRows(result: StageResult): Promise<unknown[]> {
  if (result.dataFiles.length === 0) return [];
  const sql = "SELECT record, broken FROM batch WHERE broken IS NOT NULL ORDER BY record";
  return [...(await engine.query({ sql, tables: [tableOf(result)] })).rows];
}

async function rejectedRows(result: StageResult): Promise<unknown[]> {
  if (result.rejects === undefined) return [];
  const files = [{ path: result.rejects.path, partitionValues: {} }];
  const schema = parseDdl("record BIGINT, content BINARY");
  const sql = "SELECT record, rtrim(decode(content), chr(13)) FROM rejects ORDER BY record";
  const tables = [{ name: "rejects", schema, partitionColumns: [], files }];
  return [...(await engine.query({ sql, tables })).rows];
}
