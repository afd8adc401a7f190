/** Columns that Landfall fills: provenance and the keys of paths, for every format and every way that a record can take. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { tarOf } from "../../test/support/archives.ts";
import { type FileContents, fileOf, rowsOf, stageRequest } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { readPartition } from "../schema/computed-column.ts";
import { parseDdl, parseHints } from "../schema/ddl.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import { PROVENANCE_FIELDS, type ProvenanceField } from "../schema/provenance.ts";
import type { StageRequest, StageResult } from "./engine.ts";

const engine = testEngine();

interface Staged {
  readonly result: StageResult;
  readonly rows: Record<string, unknown>[];
  readonly ddl: string;
  readonly folder: string;
}

async function stage(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  const folder = temporaryFolder(t);
  const files = Object.entries(contents).map(([name, content]) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
    return { ...fileOf(folder, name), modifiedNs: "1700000000123456789" };
  });
  const batch = { batchId: "the-batch", at: 1_700_000_001_002 };
  const result = await engine.stage(stageRequest(folder, { format: "json", files, batch, ...options }));
  const rows = (await rowsOf(engine, result)).map((row) => JSON.parse(row) as Record<string, unknown>);
  return { result, rows, folder, ddl: formatDdl(result.schema) };
}

const provenance = (...fields: ProvenanceField[]): StageRequest["provenance"] =>
  fields.map((field) => ({ column: field, field }));

const ALL = provenance(...(Object.keys(PROVENANCE_FIELDS) as ProvenanceField[]));

async function parquet(t: TestContext, select: string): Promise<Buffer> {
  const path = join(temporaryFolder(t), "one.parquet");
  await writeParquetFile(path, select);
  return readFileSync(path);
}

test("every field, in every format, with its type", async (t) => {
  const contents: Readonly<Record<"json" | "csv" | "parquet", FileContents>> = {
    json: { "a b.x": '{"v":1}\n' },
    csv: { "a b.x": "v\n1\n" },
    parquet: { "a b.x": await parquet(t, "SELECT 1::BIGINT v") },
  };
  for (const format of ["json", "csv", "parquet"] as const) {
    const content = contents[format];
    const { rows, ddl, folder } = await stage(t, content, { format, provenance: ALL });
    assert.equal(
      ddl,
      "v BIGINT, file_path STRING, file_name STRING, file_size BIGINT, file_modification_time TIMESTAMP, record_number BIGINT, ingest_time TIMESTAMP, batch_id STRING, _rescued_data STRING",
    );
    assert.deepEqual(rows, [
      {
        v: "1",
        file_path: join(folder, "a b.x"),
        file_name: "a b.x",
        file_size: String(Buffer.byteLength(content["a b.x"]!)),
        file_modification_time: "2023-11-14 22:13:20.123456+00",
        record_number: "1",
        ingest_time: "2023-11-14 22:13:21.002+00",
        batch_id: "the-batch",
      },
    ]);
  }
});

/** Each record says its own file and number, as the columns must. */
function wrong(rows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return rows.filter((row) => row["f"] !== row["file_name"] || String(row["n"]) !== row["record_number"]);
}

test("json: numbers are right in small, packed, large, repaired and rejected files, and in one array", async (t) => {
  const line = (f: string, n: number, more = ""): string => `{"f":"${f}","n":${n}${more}}`;
  const some = (f: string, count: number): string =>
    Array.from({ length: count }, (_, i) => line(f, i + 1)).join("\n");
  const filler = `,"filler":"${"x".repeat(1000)}"`;
  const { rows, result } = await stage(
    t,
    {
      "small.json": `${some("small.json", 3)}\n`,
      "none.json": "",
      "open.json": some("open.json", 2),
      "blank.json": `\n \r\n${line("blank.json", 1)}\r\n\n\t${line("blank.json", 2)}\n`,
      "marked.json": `\uFEFF${line("marked.json", 1)}\n`,
      "mixed.json": [
        line("mixed.json", 1),
        '{"broken',
        line("mixed.json", 3, ',"v":"misfit"'),
        line("mixed.json", 4, ',"v":"misfit"'),
        "nonsense",
        line("mixed.json", 6),
        "",
        line("mixed.json", 7, ',"v":"misfit"'),
        line("mixed.json", 8),
      ].join("\n"),
      "packed.json": gzipSync(some("packed.json", 4)),
      "array.json": `[${line("array.json", 1)}, ${line("array.json", 2)}]`,
      "large.json": Array.from({ length: 6000 }, (_, i) => line("large.json", i + 1, filler)).join("\n"),
    },
    {
      provenance: provenance("file_name", "record_number"),
      tableSchema: parseDdl("f STRING, n BIGINT, v BIGINT, filler STRING, _rescued_data STRING"),
    },
  );
  assert.deepEqual(wrong(rows), []);
  assert.equal(rows.length, 3 + 2 + 2 + 1 + 6 + 4 + 2 + 6000);
  const mixed = result.files.find(({ key }) => key === "mixed.json")!;
  assert.deepEqual([mixed.read, mixed.written, mixed.rescued, mixed.rejected], [8, 6, 3, 2]);
});

test("csv: the header and blank lines count for nothing, rejected records do", async (t) => {
  const { rows } = await stage(
    t,
    {
      "a.csv": 'f,n\na.csv,1\n\na.csv,2\n"a"x,3\na.csv,4\n',
      "b.csv": 'n,f\n"1","b.csv"\n2,b.csv',
    },
    { format: "csv", provenance: provenance("file_name", "record_number") },
  );
  assert.deepEqual(wrong(rows), []);
  assert.equal(rows.length, 5);
});

test("parquet: numbers run through row groups, clean and repaired files, and of many shapes", async (t) => {
  const rowsIn = (name: string, more: string): string =>
    `SELECT '${name}' f, i::BIGINT n${more} FROM range(1, 5001) r(i)`;
  const { rows } = await stage(
    t,
    {
      "a.parquet": await parquet(t, rowsIn("a.parquet", "")),
      "b.parquet": await parquet(t, rowsIn("b.parquet", ", 1.5::DOUBLE v")),
      "c.parquet": await parquet(t, rowsIn("c.parquet", ", i::DOUBLE v")),
    },
    {
      format: "parquet",
      provenance: provenance("file_name", "record_number"),
      tableSchema: parseDdl("f STRING, n BIGINT, v BIGINT, _rescued_data STRING"),
    },
  );
  assert.deepEqual(wrong(rows), []);
  assert.equal(rows.length, 15_000);
});

test("parquet: a file whose column hides the numbers is quarantined, and read where no number is asked for", async (t) => {
  const content = { "a.parquet": await parquet(t, "SELECT 7 file_row_number") };
  const asked = await stage(t, content, { format: "parquet", provenance: provenance("record_number") });
  assert.match(asked.result.files[0]!.reason!, /file_row_number/);
  const { rows } = await stage(t, content, { format: "parquet", provenance: provenance("file_name") });
  assert.deepEqual(rows, [{ file_row_number: 7, file_name: "a.parquet" }]);
});

test("json: whatever the records and the blanks between them, each row tells its own number", async (t) => {
  const record = fc.oneof(
    fc.constant("{}"),
    fc.constant("{ }"),
    fc.constant("broken"),
    fc.constant('  {"v":1}\r'),
    fc.constant('{"v":"x"}'),
    fc.constant('{"record_number":5,"landfall":null}'),
  );
  const blank = fc.constantFrom("", " ", "\r", "\n\t");
  const lines = fc.array(fc.tuple(record, blank), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(lines, { minLength: 1, maxLength: 3 }), async (files) => {
      const contents = Object.fromEntries(
        files.map((list, i) => [`${i}.json`, list.map(([text, gap]) => `${text}\n${gap}\n`).join("")]),
      );
      const { rows } = await stage(t, contents, {
        provenance: provenance("file_name", "record_number"),
        tableSchema: parseDdl("v BIGINT, _rescued_data STRING"),
      });
      const told = rows.map((row) => `${String(row["file_name"])}#${String(row["record_number"])}`).sort();
      const wanted = files.flatMap((list, i) =>
        list.flatMap(([text], n) => (text === "broken" ? [] : [`${i}.json#${n + 1}`])),
      );
      assert.deepEqual(told, wanted.sort());
    }),
    { numRuns: 12 },
  );
});

test("keys of the data under their names are rescued, whatever their case, and the table's column goes on", async (t) => {
  const options = {
    provenance: [{ column: "source", field: "file_name" }],
    tableSchema: parseDdl("v BIGINT, source STRING, _rescued_data STRING"),
  } as const;
  const { rows, ddl } = await stage(t, { a: '{"v":1,"source":"x","SOURCE":2}\n' }, options);
  assert.equal(ddl, "v BIGINT, source STRING, _rescued_data STRING");
  assert.deepEqual(rows, [
    { v: "1", source: "a", _rescued_data: '{"source":"x","SOURCE":2,"_file_path":"a"}' },
  ]);
  await assert.rejects(
    stage(t, { a: '{"v":1}\n' }, { ...options, tableSchema: parseDdl("v BIGINT, source BIGINT") }),
    (error) => isLandfallError(error, "TABLE_SCHEMA_CONFLICT") && /source BIGINT/.test(error.message),
  );
});

test("times without zone in paths are taken in the pipeline's zone", async (t) => {
  const { rows } = await stage(
    t,
    { "at=2024-07-01 12%3A00%3A00/a": '{"v":1}\n' },
    {
      partitionColumns: ["at"],
      hints: parseHints("at TIMESTAMP"),
      timeZone: "Europe/Berlin",
      provenance: provenance("file_modification_time"),
    },
  );
  assert.deepEqual(rows, [
    { v: "1", at: "2024-07-01 10:00:00+00", file_modification_time: "2023-11-14 22:13:20.123456+00" },
  ]);
});

for (const format of ["json", "csv", "parquet"] as const) {
  test(`${format}: keys of the path are columns, null where missing; a value that does not fit quarantines its file`, async (t) => {
    const contents = { json: '{"v":1}\n', csv: "v\n1\n", parquet: await parquet(t, "SELECT 1::BIGINT v") };
    const content = contents[format];
    const { rows, ddl, result } = await stage(
      t,
      {
        "year=2024/month=05/city=S%C3%A3o/a": content,
        "year=__HIVE_DEFAULT_PARTITION__/b": content,
        "year=soon/c": content,
      },
      { format, partitionColumns: ["year", "month", "city"], hints: parseHints("year INT, month TINYINT") },
    );
    assert.equal(ddl, "v BIGINT, year INT, month TINYINT, city STRING, _rescued_data STRING");
    assert.deepEqual(rows, [{ v: "1", year: 2024, month: 5, city: "São" }, { v: "1" }]);
    const [, , bad] = result.files;
    assert.deepEqual([bad!.outcome, bad!.read, bad!.bytes], ["quarantined", 0, Buffer.byteLength(content)]);
    assert.match(bad!.reason!, /year=soon/);
  });
}

test("a table is partitioned by keys of the path, and its types stand in a later batch", async (t) => {
  const options = { partitionColumns: ["Day"], partitionBy: ["Day"] };
  const hinted = { ...options, hints: parseHints("day DATE") };
  const first = await stage(t, { "Day=2024-01-02/a": '{"v":1}\n' }, hinted);
  assert.deepEqual(
    first.result.dataFiles.map((file) => file.partition),
    [{ Day: "2024-01-02" }],
  );
  const tableSchema = first.result.schema;
  const second = await stage(t, { "Day=x/b": '{"v":1}\n' }, { ...options, tableSchema });
  assert.equal(second.result.files[0]!.outcome, "quarantined");
});

test("readerCaseSensitive false takes keys of paths in any case", async (t) => {
  const content = { "YEAR=1/a": '{"v":1}\n' };
  const folded = await stage(t, content, { partitionColumns: ["year"], readerCaseSensitive: false });
  assert.deepEqual(folded.rows, [{ v: "1", year: "1" }]);
  assert.deepEqual((await stage(t, content, { partitionColumns: ["year"] })).rows, [{ v: "1" }]);
});

test("members of archives tell their own names and numbers", async (t) => {
  const members = [
    { name: "x/one.json", content: '{"f":"one.json","n":1}\n{"f":"one.json","n":2}\n' },
    { name: "two.json", content: 'broken\n{"f":"two.json","n":2}\n' },
  ];
  const { rows, folder } = await stage(
    t,
    { "a.tar": tarOf(members) },
    { provenance: provenance("file_path", "file_name", "record_number") },
  );
  assert.deepEqual(wrong(rows), []);
  assert.deepEqual(
    rows.map((row) => row["file_path"]),
    [join(folder, "a.tar/x/one.json"), join(folder, "a.tar/x/one.json"), join(folder, "a.tar/two.json")],
  );
});

function computed(...texts: string[]): Pick<StageRequest, "computedColumns" | "partitionBy"> {
  const columns = texts.map((text) => {
    const reading = readPartition(text);
    assert.equal(reading.kind, "computed", text);
    return reading.column;
  });
  return { computedColumns: columns, partitionBy: columns.map(({ name }) => name) };
}

for (const format of ["json", "csv", "parquet"] as const) {
  test(`${format}: partitions are computed in the zone, a later batch follows the table's own rule`, async (t) => {
    const at = ["2024-02-28T23:30:00Z", "2024-02-29T00:30:00Z"];
    const contents = {
      json: at.map((text) => `{"at":"${text}"}\n`).join(""),
      csv: `at\n${at.join("\n")}\n`,
      parquet: await parquet(
        t,
        `SELECT unnest([${at.map((text) => `TIMESTAMPTZ '${text}'`).join(", ")}]) AS "at"`,
      ),
    };
    const content = contents[format];
    const timeZone = "Europe/Berlin";
    const wanted = computed("date(at)", "hour(at) AS h");
    const first = await stage(t, { a: content }, { format, timeZone, ...wanted });
    assert.match(
      first.ddl,
      /^at TIMESTAMP, at_date DATE COMMENT .*, h INT COMMENT .*, _rescued_data STRING$/,
    );
    const partitions = (staged: Staged): unknown[] =>
      staged.result.dataFiles.map((file) => file.partition).sort((a, b) => Number(a["h"]) - Number(b["h"]));
    const both = [
      { at_date: "2024-02-29", h: "0" },
      { at_date: "2024-02-29", h: "1" },
    ];
    assert.deepEqual(partitions(first), both);
    const { partitionBy } = wanted;
    const tableSchema = first.result.schema;
    const later = await stage(t, { b: content }, { format, timeZone: "UTC", partitionBy, tableSchema });
    assert.deepEqual(later.result.schema, tableSchema);
    assert.deepEqual(partitions(later), both);
  });
}

test("year, month and day of a date that is the field of a struct, and null of null", async (t) => {
  const wanted = { ...computed("year(e.on)", "month(e.on)", "day(E.On) AS d"), partitionBy: [] };
  const { rows } = await stage(
    t,
    { a: '{"e":{"on":"2024-02-29"}}\n{"e":null}\n{"e":{"on":null}}\n' },
    wanted,
  );
  const [none, , dated] = rows.sort((one, other) => Object.keys(one).length - Object.keys(other).length);
  assert.deepEqual(none, {});
  assert.deepEqual(dated, { e: { on: "2024-02-29" }, e_on_year: 2024, e_on_month: 2, d: 29 });
});

test("a data key of a computed column's name is rescued", async (t) => {
  const { rows } = await stage(
    t,
    { a: '{"at":"2024-01-02","AT_YEAR":7}\n' },
    { ...computed("year(at)"), partitionBy: [] },
  );
  assert.deepEqual(rows, [
    { at: "2024-01-02", at_year: 2024, _rescued_data: '{"AT_YEAR":7,"_file_path":"a"}' },
  ]);
});

test("a column that is missing, or no time, cannot be computed from, and the message says what to state", async (t) => {
  const cases = [
    [
      "date(at)",
      '{"v":1}\n',
      /date\(at\) cannot be computed from at, which neither the table nor the files have/,
    ],
    ["date(at)", '{"at":"soon"}\n', /which is STRING; it takes TIMESTAMP or DATE/],
    ["hour(at)", '{"at":"2024-01-02"}\n', /which is DATE; it takes TIMESTAMP\./],
    ["date(at)", '{"at":{"x":1}}\n', /which is STRUCT/],
  ] as const;
  for (const [text, content, message] of cases) {
    await assert.rejects(stage(t, { a: content }, computed(text)), (error) => {
      assert.ok(isLandfallError(error, "TABLE_SCHEMA_CONFLICT"));
      assert.match(error.message, message);
      return true;
    });
  }
});
