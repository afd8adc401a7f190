/** Schema over time, through the engine: what becomes of new keys in each mode, and which file is named for them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import {
  type FileContents,
  rowsOf,
  stageContents,
  type Staged,
  stageRequest,
  writeFiles,
} from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { parseDdl } from "../schema/ddl.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import type { StageRequest, StageResult } from "./engine.ts";

const engine = testEngine();

async function stage(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  return stageContents(engine, t, contents, { format: "json", ...options });
}

/** rescued and ignored rows of each file */
function misfits(result: StageResult): (number | undefined)[][] {
  return result.files.map((file) => [file.rescued, file.ignored]);
}

/** The same rows in every format: the first file fits the table, the second brings keys and a value that do not. */
async function twoFiles(t: TestContext, format: StageRequest["format"]): Promise<FileContents> {
  if (format === "json")
    return { a: '{"id":1,"v":10}\n', b: '{"id":2,"v":"x","extra":true}\n{"id":3,"v":30}\n' };
  if (format === "csv") return { a: "id,v\n1,10\n", b: "id,v,extra\n2,x,true\n3,30,\n" };
  const folder = temporaryFolder(t);
  await writeParquetFile(join(folder, "a"), "SELECT 1::BIGINT id, 10::BIGINT v");
  await writeParquetFile(
    join(folder, "b"),
    "SELECT 2::BIGINT id, 1e300::DOUBLE v, true extra UNION ALL SELECT 3, NULL, NULL",
  );
  return { a: readFileSync(join(folder, "a")), b: readFileSync(join(folder, "b")) };
}

const TABLE = parseDdl("id BIGINT, v BIGINT, _rescued_data STRING");

for (const format of ["json", "csv", "parquet"] as const) {
  test(`${format}, rescue: no column is added, and new keys stand in the rescued column`, async (t) => {
    const request = { format, tableSchema: TABLE, evolutionMode: "rescue" } as const;
    const { ddl, rows, result } = await stage(t, await twoFiles(t, format), request);
    assert.equal(ddl, formatDdl(TABLE));
    const rescued = rows.map((row) => (JSON.parse(row) as Record<string, string>)["_rescued_data"]);
    assert.match(rescued[1]!, /"v":.*"extra":"?true/);
    assert.deepEqual(misfits(result), [
      [0, undefined],
      [1, undefined],
    ]);
    assert.deepEqual(result.added, []);
  });

  test(`${format}, rescue without a table: the columns are those of the first batch`, async (t) => {
    const { ddl } = await stage(t, await twoFiles(t, format), { format, evolutionMode: "rescue" });
    assert.match(ddl, /^id BIGINT, v \w+, extra BOOLEAN, _rescued_data STRING$/);
  });

  test(`${format}, failOnNewColumns: the batch fails and names the column and its file`, async (t) => {
    const request = { format, tableSchema: TABLE, evolutionMode: "failOnNewColumns" } as const;
    const contents = await twoFiles(t, format);
    await assert.rejects(stage(t, contents, request), (error) => {
      assert.ok(isLandfallError(error, "NEW_COLUMNS"));
      assert.match(error.message, /a new column: extra \(in b\);/);
      return true;
    });
    const hinted = { ...request, hints: [{ path: ["extra"], type: "boolean" as const }] };
    assert.equal(
      (await stage(t, contents, hinted)).ddl,
      "id BIGINT, v BIGINT, _rescued_data STRING, extra BOOLEAN",
    );
  });

  test(`${format}, none: what fits no column is left out, counted and named`, async (t) => {
    const tableSchema = parseDdl("id BIGINT, v BIGINT");
    const request = {
      format,
      tableSchema,
      evolutionMode: "none",
      rescuedDataColumn: undefined,
    } as const;
    const { ddl, rows, result } = await stage(t, await twoFiles(t, format), request);
    assert.equal(ddl, "id BIGINT, v BIGINT");
    assert.equal(rows[1], '{"id":"2"}');
    assert.deepEqual(misfits(result), [
      [0, 0],
      [0, 1],
    ]);
    assert.deepEqual(result.ignored, [
      { path: "v", file: "b" },
      { path: "extra", file: "b" },
    ]);
  });

  test(`${format}, none with a rescued column asked for: what fits no column is rescued`, async (t) => {
    const request = { format, tableSchema: TABLE, evolutionMode: "none" } as const;
    const { rows, result } = await stage(t, await twoFiles(t, format), request);
    assert.match(rows[1]!, /_rescued_data/);
    assert.equal(result.ignored, undefined);
  });
}

test("none: nested keys are named by their paths, and records stay whole", async (t) => {
  const { rows, result } = await stage(
    t,
    { a: '{"s":{"x":1,"y":2},"l":[{"x":1},{"z":[1]}],"a.b":1,"s":{"x":3,"q":1}}\n' },
    {
      tableSchema: parseDdl("s STRUCT<x: INT>, l ARRAY<STRUCT<x: INT>>"),
      evolutionMode: "none",
      rescuedDataColumn: undefined,
    },
  );
  assert.deepEqual(
    rows.map((row) => JSON.parse(row) as unknown),
    [{ s: { x: 3 }, l: [{ x: 1 }, { x: null }] }],
  );
  assert.deepEqual(
    result.ignored?.map(({ path }) => path),
    ["s", "l.element.z", "`a.b`", "s.q"],
  );
});

test("none, Parquet: nested keys are named by their paths as those of JSON, a map as a whole", async (t) => {
  const columns = [
    "{'x': 1, 'y': 2, 'n': {'z': 1}} AS s",
    "[{'x': 1, 'v': NULL}, {'x': 2, 'v': [1]}] AS l",
    "[{'x': 'no'}] AS k",
    "MAP {'a': 'text'} AS m",
    "NULL::INT AS gone",
    "{'x': 3} AS \"a.b\"",
  ];
  const path = join(temporaryFolder(t), "a.parquet");
  await writeParquetFile(path, `SELECT ${columns.join(", ")}`);
  const { rows, result } = await stage(
    t,
    { a: readFileSync(path) },
    {
      format: "parquet",
      tableSchema: parseDdl(
        "s STRUCT<x: INT, n: STRUCT<w: INT>>, l ARRAY<STRUCT<x: INT>>, k ARRAY<STRUCT<x: INT>>, m MAP<STRING, INT>",
      ),
      evolutionMode: "none",
      rescuedDataColumn: undefined,
    },
  );
  assert.deepEqual(
    result.ignored?.map(({ path: key }) => key),
    ["s.y", "s.n.z", "l.element.v", "k.element.x", "m", "`a.b`"],
  );
  assert.equal(rows.length, 1);
});

test("failOnNewColumns: nested keys and those in arrays count, null and {} do not", async (t) => {
  const tableSchema = parseDdl("s STRUCT<x: INT>, l ARRAY<STRUCT<x: INT>>, _rescued_data STRING");
  const options = { tableSchema, evolutionMode: "failOnNewColumns" } as const;
  await assert.rejects(
    stage(t, { a: '{"s":{"x":1}}\n', b: '{"s":{"y":1}}\n', c: '{"l":[{"z":1}]}\n' }, options),
    /s\.y \(in b\), l\.element\.z \(in c\)/,
  );
  const { ddl } = await stage(t, { a: '{"n":null,"o":{},"s":{"y":null}}\n' }, options);
  assert.equal(ddl, formatDdl(tableSchema));
});

test("a table without any column is not made", async (t) => {
  const options = { evolutionMode: "none", rescuedDataColumn: undefined } as const;
  await assert.rejects(stage(t, { a: "" }, options), (error) =>
    isLandfallError(error, "TABLE_SCHEMA_CONFLICT"),
  );
});

test("fields within arrays of structs are added to a table that has the array", async (t) => {
  const { ddl, rows } = await stage(
    t,
    { a: '{"l":[{"y":"t"},{"x":1}]}\n' },
    { tableSchema: parseDdl("l ARRAY<STRUCT<x: BIGINT>>, _rescued_data STRING") },
  );
  assert.equal(ddl, "l ARRAY<STRUCT<x: BIGINT, y: STRING>>, _rescued_data STRING");
  assert.deepEqual(
    rows.map((row) => JSON.parse(row) as unknown),
    [
      {
        l: [
          { x: null, y: "t" },
          { x: "1", y: null },
        ],
      },
    ],
  );
});

test("the schema and the rows of a batch do not depend on the order of its files", async (t) => {
  const line = fc
    .dictionary(
      fc.constantFrom("a", "b", "A", "s"),
      fc.oneof(
        fc.integer(),
        fc.boolean(),
        fc.constant(1.5),
        fc.constant("x"),
        fc.constant(null),
        fc.record({ x: fc.integer(), y: fc.boolean() }, { requiredKeys: [] }),
        fc.array(fc.record({ z: fc.integer() }, { requiredKeys: [] }), { maxLength: 2 }),
      ),
      { noNullPrototype: true },
    )
    .map((row) => `${JSON.stringify(row)}\n`);
  const contents = fc.array(line, { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(contents, async (lines) => {
      const folder = temporaryFolder(t);
      const files = writeFiles(folder, Object.fromEntries(lines.map((text, i) => [`f${i}`, text])));
      const one = await engine.stage(stageRequest(folder, { format: "json", files }));
      const other = await engine.stage(stageRequest(folder, { format: "json", files: files.toReversed() }));
      assert.deepEqual(other.schema, one.schema);
      assert.deepEqual(other.files.toReversed(), one.files);
      assert.deepEqual(await rowsOf(engine, other), await rowsOf(engine, one));
    }),
    { numRuns: 15 },
  );
});

for (const [format, first, second] of [
  [
    "json",
    '{"a":1.50,"b":9223372036854775808,"c":1e3,"d":7,"e":1e400}\n{"a":-12}\n',
    '{"a":0.125,"e":0.1}\n',
  ],
  ["csv", "a,b,c,d,e\n1.50,9223372036854775808,1e3,7,1e400\n-12,,,,\n", "a,e\n0.125,0.1\n"],
] as const) {
  test(`${format}, prefersDecimal: DECIMAL of the digits seen in any file, exact; too many stay as they were`, async (t) => {
    const options = { format, prefersDecimal: true } as const;
    const wanted =
      "a DECIMAL(5,3), b DECIMAL(19,0), c DECIMAL(4,0), d BIGINT, e STRING, _rescued_data STRING";
    const { ddl, rows } = await stage(t, { x: first, y: second }, options);
    assert.equal(ddl, wanted);
    assert.equal(ddl, wanted);
    const turned = await stage(t, { y: first, x: second }, options);
    assert.deepEqual(turned.ddl.split(", ").sort(), wanted.split(", ").sort());
    assert.deepEqual(rows.map((row) => String((JSON.parse(row) as Record<string, string>)["a"])).sort(), [
      "-12.000",
      "0.125",
      "1.500",
    ]);
    assert.match(rows.join("\n"), /"b":"9223372036854775808","c":"1000"/);
    const later = await stage(
      t,
      { x: first, y: second },
      { ...options, tableSchema: parseDdl("a DECIMAL(3,1), e DOUBLE, _rescued_data STRING") },
    );
    assert.match(later.rows.join("\n"), /"_rescued_data":"\{\\"a\\":\\?"?\\?"?0\.125/);
  });
}

test("prefersDecimal: 38 digits are exact, 39 are as without it", async (t) => {
  const digits = `${"1".repeat(20)}.${"2".repeat(18)}`;
  const { ddl, rows } = await stage(t, { a: `{"a":${digits},"b":${digits}3}\n` }, { prefersDecimal: true });
  assert.equal(ddl, "a DECIMAL(38,18), b STRING, _rescued_data STRING");
  assert.deepEqual(rows, [`{"a":"${digits}","b":"${digits}3"}`]);
});

test("readerCaseSensitive false: keys of another case go into the column, the exact one first, the other is rescued", async (t) => {
  const content =
    '{"ID":1,"s":{"X":"p"}}\n{"Id":2,"id":3}\n{"Id":4,"ID":5}\n{"id":null,"ID":6}\n{"id":7,"S":{"x":"q"}}\n';
  const { ddl, rows, result } = await stage(
    t,
    { a: content },
    {
      readerCaseSensitive: false,
      tableSchema: parseDdl("id BIGINT, s STRUCT<x: STRING>, _rescued_data STRING"),
    },
  );
  assert.equal(ddl, "id BIGINT, s STRUCT<x: STRING>, _rescued_data STRING");
  assert.deepEqual(
    rows.map((row) => JSON.parse(row) as unknown),
    [
      { _rescued_data: '{"ID":6,"_file_path":"a"}' },
      { id: "1", s: { x: "p" } },
      { id: "3", _rescued_data: '{"Id":2,"_file_path":"a"}' },
      { id: "5", _rescued_data: '{"Id":4,"_file_path":"a"}' },
      { id: "7", s: { x: "q" } },
    ],
  );
  assert.equal(result.files[0]!.rescued, 3);
});

test("readerCaseSensitive false: a new column takes what all its spellings held, in every format", async (t) => {
  const folder = temporaryFolder(t);
  await writeParquetFile(join(folder, "a"), "SELECT 1::INTEGER AS \"ID\", {'x': 1, 'Y': 'p'} AS s");
  await writeParquetFile(join(folder, "b"), "SELECT 2::BIGINT AS id, {'X': 3} AS S");
  const contents: Readonly<Record<string, FileContents>> = {
    json: { a: '{"ID":1,"s":{"x":1,"Y":"p"}}\n', b: '{"id":2,"S":{"X":3}}\n' },
    csv: { a: "ID\n1\n", b: "id\n2\n" },
    parquet: { a: readFileSync(join(folder, "a")), b: readFileSync(join(folder, "b")) },
  };
  for (const format of ["json", "csv", "parquet"] as const) {
    const { rows, result } = await stage(t, contents[format]!, { format, readerCaseSensitive: false });
    assert.deepEqual(
      rows.map((row) => (JSON.parse(row) as Record<string, unknown>)["ID"]),
      ["1", "2"],
    );
    assert.deepEqual(
      misfits(result),
      [
        [0, undefined],
        [0, undefined],
      ],
      format,
    );
    if (format !== "csv") assert.match(rows[1]!, /"S":\{"X":"?3"?,"Y":null\}/);
  }
});

test("readerCaseSensitive false: of CSV columns that differ by case the exact one is the column, the other rescued", async (t) => {
  const { rows } = await stage(
    t,
    { a: "ID,id\n1,2\n", b: "ID\n3\n" },
    { format: "csv", readerCaseSensitive: false, tableSchema: parseDdl("id BIGINT, _rescued_data STRING") },
  );
  assert.deepEqual(rows, [
    '{"id":"2","_rescued_data":"{\\"ID\\":\\"1\\",\\"_file_path\\":\\"a\\"}"}',
    '{"id":"3"}',
  ]);
});

for (const [format, first, second] of [
  [
    "json",
    '{"id":1,"a":null,"s":{"x":1,"y":null},"l":[{"z":null}]}\n',
    '{"id":2,"a":"2024-01-02","s":{"y":1.5},"l":[{"z":true}]}\n',
  ],
  ["csv", "id,a\n1,\n", "id,a\n2,2024-01-02\n"],
] as const) {
  test(`${format}: a column that was all null gets its type when a value comes, in the same batch and in a later one`, async (t) => {
    const whole = await stage(t, { x: first, y: second }, { format });
    assert.match(whole.ddl, /\ba DATE/);
    if (format === "json")
      assert.match(whole.ddl, /STRUCT<x: BIGINT, y: DOUBLE>, l ARRAY<STRUCT<z: BOOLEAN>>/);
    const before = await stage(t, { x: first }, { format });
    assert.equal(
      before.ddl,
      format === "json"
        ? "id BIGINT, s STRUCT<x: BIGINT>, _rescued_data STRING"
        : "id BIGINT, _rescued_data STRING",
    );
    // A list is there, and no column for it yet.
    assert.deepEqual(misfits(before.result), [[format === "json" ? 1 : 0, undefined]]);
    const after = await stage(t, { y: second }, { format, tableSchema: before.result.schema });
    const wanted =
      "id BIGINT, s STRUCT<x: BIGINT, y: DOUBLE>, _rescued_data STRING, a DATE, l ARRAY<STRUCT<z: BOOLEAN>>";
    assert.equal(after.ddl, format === "json" ? wanted : "id BIGINT, _rescued_data STRING, a DATE");
    assert.deepEqual(misfits(after.result), [[0, undefined]]);
  });
}

/** One row of `id BIGINT, n NULL, s STRUCT<x: BIGINT, y: NULL>`, as pyarrow writes columns of which it has seen no value; gzipped. */
const ALL_NULL = gunzipSync(
  Buffer.from(
    [
      "H4sIAAAAAAACA4WRz2rCQBDGZ4awePA6iwt7yMVFoUoN1VMvemvxIH2DoIEKNqZJ6x/oo4nP42M4m0iKSumyywwzv+8bmJ2N3wYM",
      "bNk+MEmiWFkAIP8QoTpSb3LzHoC/lPSfEjkwqyG0VDF/Tz5iVsBBm1q0XACTJJiuDsINJSs4qJq4u/T2ZU+TsWbqwIpVW4HxYpaq",
      "nuiJa7xY9sMJnrvKuHKoR6lCMS3JSEfu9Zr0IPyadrDAXe36c8WO4MbWw/va+Ig3dGmtT6jJNSRAJ8zi/PM7+erNs6wX5/l6G26S",
      "vFiu0zAa9R/7AzOVhdUXnmSrM/mvM+XOV4u0AQAA",
    ].join(""),
    "base64",
  ),
);

test("parquet: a column that its file calls all null gets its type when a value comes, in the same batch and in a later one", async (t) => {
  const folder = temporaryFolder(t);
  await writeParquetFile(
    join(folder, "y"),
    "SELECT 2::BIGINT id, DATE '2024-01-02' n, {'x': 2::BIGINT, 'y': 1.5::DOUBLE} s",
  );
  const y = readFileSync(join(folder, "y"));
  const whole = await stage(t, { x: ALL_NULL, y }, { format: "parquet" });
  assert.equal(whole.ddl, "id BIGINT, s STRUCT<x: BIGINT, y: DOUBLE>, n DATE, _rescued_data STRING");
  assert.deepEqual(misfits(whole.result), [
    [0, undefined],
    [0, undefined],
  ]);
  const before = await stage(t, { x: ALL_NULL }, { format: "parquet" });
  assert.equal(before.ddl, "id BIGINT, s STRUCT<x: BIGINT>, _rescued_data STRING");
  const after = await stage(t, { y }, { format: "parquet", tableSchema: before.result.schema });
  assert.equal(after.ddl, "id BIGINT, s STRUCT<x: BIGINT, y: DOUBLE>, _rescued_data STRING, n DATE");
  const again = await stage(t, { x: ALL_NULL }, { format: "parquet", tableSchema: after.result.schema });
  assert.deepEqual(
    again.rows.map((row) => JSON.parse(row) as unknown),
    [{ id: "1", s: { x: "1", y: null } }],
  );
});

test("values of a map of structs get new fields, and failOnNewColumns names them", async (t) => {
  const tableSchema = parseDdl("m MAP<STRING, STRUCT<x: BIGINT>>, _rescued_data STRING");
  const contents = { a: '{"m":{"k":{"x":1}}}\n', b: '{"m":{"j":{"y":"t"},"i":{"y":"u","x":2}}}\n' };
  const { ddl, result } = await stage(t, contents, { tableSchema });
  assert.equal(ddl, "m MAP<STRING, STRUCT<x: BIGINT, y: STRING>>, _rescued_data STRING");
  assert.deepEqual(misfits(result), [
    [0, undefined],
    [0, undefined],
  ]);
  await assert.rejects(
    stage(t, contents, { tableSchema, evolutionMode: "failOnNewColumns" }),
    /m\.value\.y \(in b\)/,
  );
});

test("readerCaseSensitive false: a large CSV file with two spellings of one column loses neither", async (t) => {
  const row = `1,2,${"x".repeat(200)}\n`;
  const { result } = await stage(
    t,
    { a: `ID,Id,filler\n${row.repeat(8000)}` },
    {
      format: "csv",
      readerCaseSensitive: false,
      tableSchema: parseDdl("id BIGINT, filler STRING, _rescued_data STRING"),
    },
  );
  assert.deepEqual(misfits(result), [[8000, undefined]]);
});
