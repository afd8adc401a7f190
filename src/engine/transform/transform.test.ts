import assert from "node:assert/strict";
import { globSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  countsOf,
  fileOf,
  rowsOf,
  stageContents,
  stageRequest,
  writeFiles,
  type FileContents,
} from "../../../test/support/stage-files.ts";
import { tarOf } from "../../../test/support/archives.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../../test/support/write-parquet-file.ts";
import { isLandfallError, type LandfallError } from "../../base/landfall-error.ts";
import { parseDdl } from "../../schema/ddl.ts";
import type { StageRequest } from "../engine.ts";

const engine = testEngine();

const sqlOf = (sql: string) => ({ kind: "sql", name: "t.sql", sql }) as const;

function stage(
  t: TestContext,
  contents: FileContents,
  sql: string,
  options: Partial<StageRequest> = {},
): ReturnType<typeof stageContents> {
  return stageContents(engine, t, contents, { format: "json", ...options, transform: sqlOf(sql) });
}

async function failure(work: Promise<unknown>, what = "it"): Promise<LandfallError> {
  try {
    await work;
  } catch (error) {
    if (isLandfallError(error)) return error;
    throw error;
  }
  throw new Error(`${what} did not fail`);
}

test("files keep their own counts, and the transform has its own", async (t) => {
  const { result, rows } = await stage(
    t,
    { "a.json": '{"id":1}\n{bad\n{"id":2}\n', "b.json": '{"id":3}\n', "c.json": "\u0000\u0001" },
    "SELECT count(*) AS n FROM batch",
  );
  assert.deepEqual(rows, ['{"n":"3"}']);
  assert.deepEqual(countsOf(result).slice(0, 2), [
    [3, 2, 0, 1],
    [1, 1, 0, 0],
  ]);
  assert.equal(
    result.rejects?.rows,
    result.files.reduce((sum, file) => sum + file.rejected, 0),
  );
  const { rowsIn, rowsOut, rejected } = result.transformed!;
  assert.deepEqual([rowsIn, rowsOut, rejected], [3, 1, 0]);
});

test("a transform that would take for days is stopped at its limit, and the engine goes on", async (t) => {
  const lines = Array.from({ length: 2000 }, (_, id) => `{"id":${id}}\n`).join("");
  const sql =
    "SELECT count(*) AS n FROM batch a, batch b, batch c, batch d WHERE (a.id * b.id + c.id) % 7 = d.id % 5";
  const work = stageContents(
    engine,
    t,
    { "a.json": lines },
    {
      format: "json",
      transform: { ...sqlOf(sql), timeLimitMs: 50 },
    },
  );
  const { code, message, hint } = await failure(work);
  assert.equal(code, "TRANSFORM_FAILED");
  assert.match(message, /^The transform t\.sql was not done within /);
  assert.match(hint, /limits\.transformSeconds/);
  const { rows } = await stage(t, { "a.json": '{"id":1}\n' }, "SELECT id FROM batch");
  assert.deepEqual(rows, ['{"id":"1"}']);
});

test("hints, provenance and rescued values speak of the batch, partitions and rules of what the transform gives", async (t) => {
  const { result, ddl } = await stage(
    t,
    { "a.json": '{"n":"5","day":"2026-01-31"}\n{"n":"x"}\n{"n":7}\n' },
    "SELECT n, record_number AS r, _rescued_data IS NOT NULL AS odd, n > 6 AS big FROM batch",
    {
      hints: [{ path: ["n"], type: "long" }],
      provenance: [{ column: "record_number", field: "record_number" }],
      partitionBy: ["big"],
      expect: [{ name: "has_n", sql: "n IS NOT NULL" }],
    },
  );
  assert.equal(ddl, "n BIGINT, r BIGINT, odd BOOLEAN, big BOOLEAN");
  assert.deepEqual(await rowsOf(engine, result, ["big"]), ['{"n":"7","r":"3","odd":false,"big":true}']);
  const { rowsIn, rowsOut, rejected } = result.transformed!;
  assert.deepEqual([rowsIn, rowsOut, rejected], [3, 3, 2]);
  assert.deepEqual(countsOf(result), [[3, 3, 2, 0]]);
  assert.equal(result.rejects?.rows, 2);
});

test("a row that is rejected after the transform has no file and no number", async (t) => {
  const { result } = await stage(t, { "a.json": '{"id":1}\n{bad\n' }, "SELECT -id AS id FROM batch", {
    expect: [{ name: "positive", sql: "id > 0" }],
  });
  const { rows } = await engine.query({
    sql: "SELECT file, record, rule, decode(content) FROM rejects ORDER BY file",
    tables: [
      {
        name: "rejects",
        schema: parseDdl("file STRING, record BIGINT, rule STRING, content BINARY"),
        partitionColumns: [],
        files: [{ path: result.rejects!.path, partitionValues: {} }],
      },
    ],
  });
  assert.deepEqual(rows, [
    ["a.json", "2", null, "{bad"],
    [null, null, "positive", '{"id":-1}'],
  ]);
});

test("a column that no file of a batch has is there as null, with the type that it had", async (t) => {
  const first = await stage(
    t,
    { "a.json": '{"id":1,"extra":{"x":1.5}}\n' },
    "SELECT id, extra.x AS x FROM batch",
  );
  const next = await stage(t, { "b.json": '{"id":2}\n' }, "SELECT id, extra.x AS x FROM batch", {
    tableSchema: first.result.schema,
    batchSchema: first.result.transformed!.batchSchema,
  });
  assert.deepEqual(next.rows, ['{"id":"2"}']);
  assert.equal(next.ddl, "id BIGINT, x DOUBLE");
  const unknown = await failure(stage(t, { "b.json": '{"id":2}\n' }, "SELECT id, extra.x AS x FROM batch"));
  assert.equal(unknown.code, "TRANSFORM_INVALID");
  assert.match(unknown.message, /line 1.*extra/);
  assert.match(unknown.hint ?? "", /`batch` has id, _rescued_data\./);
});

test("a hint stands over what the batch before had", async (t) => {
  const { rows } = await stage(t, { "a.json": '{"id":7}\n' }, "SELECT id, typeof(id) AS type FROM batch", {
    batchSchema: parseDdl("id BIGINT, _rescued_data STRING"),
    hints: [{ path: ["id"], type: "string" }],
  });
  assert.deepEqual(rows, ['{"id":"7","type":"VARCHAR"}']);
});

test("a batch without rows has the columns that the SELECT gives, once those of the batch are known", async (t) => {
  const known = await stage(t, { "a.json": "" }, "SELECT id, 'x' AS k FROM batch", {
    hints: [{ path: ["id"], type: "long" }],
  });
  assert.equal(known.ddl, "id BIGINT, k STRING");
  assert.deepEqual(known.result.dataFiles, []);
  const sql = "SELECT id FROM batch";
  const later = await stage(t, { "a.json": "" }, sql, { tableSchema: parseDdl("id BIGINT") });
  assert.equal(later.ddl, "id BIGINT");
  assert.deepEqual(later.result.transformed, {
    batchSchema: later.result.transformed!.batchSchema,
    rowsIn: 0,
    rowsOut: 0,
    rejected: 0,
  });
  const first = await stage(t, { "a.json": "" }, sql);
  assert.equal(first.ddl, "_rescued_data STRING");
  assert.deepEqual(first.result.dataFiles, []);
  const partitioned = { partitionBy: ["id"] };
  assert.equal((await failure(stage(t, { "a.json": "" }, sql, partitioned))).code, "TRANSFORM_INVALID");
});

test("columns of the SELECT that the table lacks are added, and its names know no case", async (t) => {
  const { ddl, rows } = await stage(
    t,
    { "a.json": '{"id":1}\n' },
    "SELECT id AS ID, id + 1 AS more FROM batch",
    {
      tableSchema: parseDdl("id BIGINT, old STRING"),
    },
  );
  assert.equal(ddl, "id BIGINT, old STRING, more BIGINT");
  assert.deepEqual(rows, ['{"id":"1","more":"2"}']);
});

test("a value that the table's column does not hold fails the batch, with column, types and rows", async (t) => {
  const { code, message } = await failure(
    stage(t, { "a.json": '{"id":1}\n{"id":300}\n{"id":400}\n' }, "SELECT id FROM batch", {
      tableSchema: parseDdl("id TINYINT"),
    }),
  );
  assert.equal(code, "TRANSFORM_FAILED");
  assert.match(message, /gives 2 rows .* id \(the table has TINYINT, the transform gives BIGINT\)/);
});

/** SQL of a column, and its type in the table. */
const STORED: readonly (readonly [sql: string, ddl: string])[] = [
  ["sum(1)", "BIGINT"],
  ["CAST(1 AS HUGEINT)", "BIGINT"],
  ["[CAST(1 AS HUGEINT)]", "ARRAY<BIGINT>"],
  ["{'a': sum(1), 'b': [1.5]}", "STRUCT<a: BIGINT, b: ARRAY<DECIMAL(2,1)>>"],
  ["MAP {'a': CAST(1 AS HUGEINT)}", "MAP<STRING, BIGINT>"],
  ["CAST('[1]' AS JSON)", "STRING"],
  ["CAST('6e9a1c1e-0000-4000-8000-000000000000' AS UUID)", "STRING"],
  ["length('x')", "BIGINT"],
  ["unicode('x')", "INT"],
  ["CAST('2026-01-31' AS DATE)", "DATE"],
  ["CAST('2026-01-31 10:00:00' AS TIMESTAMP)", "TIMESTAMP"],
  ["CAST('2026-01-31 10:00:00+00' AS TIMESTAMPTZ)", "TIMESTAMP"],
  ["1.5", "DECIMAL(2,1)"],
  ["CAST(1 AS REAL)", "FLOAT"],
  ["avg(1)", "DOUBLE"],
  ["encode('x')", "BINARY"],
  ["CAST([1, 2] AS INT[2])", "ARRAY<INT>"],
  ["true", "BOOLEAN"],
];

test("columns have the nearest type that Delta has", async (t) => {
  const list = STORED.map(([sql], i) => `${sql} AS c${i}`);
  const { ddl } = await stage(t, { "a.json": '{"id":1}\n' }, `SELECT ${list.join(", ")}`);
  assert.equal(ddl, STORED.map(([, type], i) => `c${i} ${type}`).join(", "));
});

/** Each with the words that its refusal must hold. */
const UNSTORED: readonly (readonly [sql: string, words: RegExp])[] = [
  ["SELECT INTERVAL 1 DAY AS c FROM batch", /column c that is of the type INTERVAL/],
  ["SELECT [CAST('10:00' AS TIME)] AS c FROM batch", /column c that is of the type TIME/],
  ["SELECT NULL AS c FROM batch", /column c that is NULL in every row/],
  ["SELECT id AS c, id AS C FROM batch", /two columns the name C/],
  ["SELECT *, id FROM batch", /two columns the name id/],
  ["SELECT id,\n  nam AS n\nFROM batch", /\(line 2\): Referenced column "nam" not found/],
  ["SELECT length(id) AS n FROM batch", /No function matches/],
  ["SELECT id FROM\nWHERE", /is no SQL: .* \(line 2\)/],
];

test("what a table cannot have is refused with the column, its type or the line", async (t) => {
  for (const [sql, words] of UNSTORED) {
    const { code, message } = await failure(stage(t, { "a.json": '{"id":1}\n' }, sql), sql);
    assert.equal(code, "TRANSFORM_INVALID", sql);
    assert.match(message, words, sql);
  }
});

test("a column that Landfall computes may not come from the transform", async (t) => {
  const { code, message } = await failure(
    stage(t, { "a.json": '{"t":"2026-01-31"}\n' }, "SELECT t, 'x' AS t_date FROM batch", {
      computedColumns: [{ function: "date", of: ["t"], name: "t_date" }],
      partitionBy: ["t_date"],
    }),
  );
  assert.equal(code, "TRANSFORM_INVALID");
  assert.match(message, /t_date, which Landfall computes/);
});

test("rows that make a transform fail are named with file, record, content and reason", async (t) => {
  const good = Array.from({ length: 100 }, (_, i) => `{"n":"${i}"}`);
  const { code, message } = await failure(
    stage(
      t,
      { "a.json": `${good.join("\n")}\n{"n":"x"}\n`, "b.json": '{broken\n{"n":"1"}\n{"n":"y"}\n' },
      "SELECT CAST(n AS INT) AS n FROM batch",
    ),
  );
  assert.equal(code, "TRANSFORM_FAILED");
  assert.match(message, /^The transform t\.sql failed on 2 rows of the batch:/);
  assert.match(
    message,
    /\n {2}a\.json, record 101: Could not convert string 'x'.*: \{"n":"x","_rescued_data":null\}/,
  );
  assert.match(message, /\n {2}b\.json, record 3: Could not convert string 'y'/);
});

test("at most five rows are named, in Parquet too, and contents are cut", async (t) => {
  const folder = temporaryFolder(t);
  await writeParquetFile(
    join(folder, "a.parquet"),
    "SELECT range AS id, repeat('x', 500) AS pad, 7 AS landfall_at FROM range(40)",
  );
  const request = stageRequest(folder, {
    format: "parquet",
    files: [fileOf(folder, "a.parquet")],
    transform: sqlOf("SELECT CASE WHEN id % 2 = 1 THEN error('odd: ' || id) ELSE id END AS id FROM batch"),
  });
  const { code, message } = await failure(engine.stage(request));
  assert.equal(code, "TRANSFORM_FAILED");
  assert.match(message, /on at least 5 rows/);
  const named = message.split("\n").slice(1);
  assert.deepEqual(
    named.map((line) => /record (\d+): odd: (\d+)/.exec(line)?.slice(1)),
    [2, 4, 6, 8, 10].map((record) => [String(record), String(record - 1)]),
  );
  for (const line of named) assert.ok(line.length < 300, line);
});

test("rows of compressed files, arrays, archives' members and CSV are named by where a person finds them", async (t) => {
  const bad = '{"n":"1"}\n{"n":"x"}\n';
  const sql = "SELECT CAST(n AS INT) AS n FROM batch";
  const json = await failure(
    stage(
      t,
      {
        "a.json.gz": gzipSync(bad),
        "b.tar": tarOf([{ name: "m/y.json", content: bad }]),
        "c.json": '[{"n":"1"},\n{"n":"x"}]',
      },
      sql,
    ),
  );
  assert.deepEqual(
    json.message.split("\n").map((line) => /^ {2}(.*), record (\d+): /.exec(line)?.slice(1).join(":")),
    [undefined, "a.json.gz:2", "b.tar/m/y.json:2", "c.json:2"],
  );
  const csv = await failure(stage(t, { "a.csv": 'n,m\n1,"a\nb"\ny,z\n' }, sql, { format: "csv" }));
  assert.match(csv.message, /a\.csv, record 2: /);
});

test("what no row brings about alone is said of all of them", async (t) => {
  const lines = Array.from({ length: 8 }, () => '{"n":4000000000000000000}\n').join("");
  const { code, message, hint } = await failure(
    stage(t, { "a.json": lines }, "SELECT sum(n) AS total FROM batch"),
  );
  assert.equal(code, "TRANSFORM_FAILED");
  assert.match(message, /only over many of them together/);
  assert.match(hint ?? "", /CAST\(… AS DECIMAL\(38,0\)\)/);
});

test("what fails without a row is said of none", async (t) => {
  const sql = "SELECT CASE WHEN count(*) >= 0 THEN error('never') END AS n FROM batch";
  const { message } = await failure(stage(t, { "a.json": '{"n":1}\n' }, sql));
  assert.match(message, /whatever the rows are: never/);
});

test("rules of the table are judged before files, and the transform's names are the columns that they know", async (t) => {
  const expect = [{ name: "r", sql: "id > 0" }];
  const { code, message } = await failure(
    stage(t, { "a.json": '{"id":1}\n' }, "SELECT id AS other FROM batch", { expect }),
  );
  assert.equal(code, "EXPECT_INVALID");
  assert.match(message, /names id/);
});

test("nothing of the batch but the result is left in the scratch folder's data", async (t) => {
  const folder = temporaryFolder(t);
  const files = writeFiles(folder, { "a.json": '{"id":1}\n' });
  const request = stageRequest(folder, {
    format: "json",
    files,
    transform: sqlOf("SELECT id FROM batch"),
  });
  const { dataFiles } = await engine.stage(request);
  const left = globSync(join(request.scratchFolder, "**/*.parquet"));
  assert.deepEqual(
    left.filter((path) => lstatSync(path).isFile()),
    [dataFiles[0]!.path],
  );
});

/** SQL and how many rows it makes of rows with these lists. */
const SHAPES: readonly (readonly [
  sql: string,
  rowsOut: (lists: readonly (readonly number[])[]) => number,
])[] = [
  ["SELECT * FROM batch", (lists) => lists.length],
  ["SELECT id FROM batch WHERE len(l) > 1", (lists) => lists.filter((list) => list.length > 1).length],
  ["SELECT id, unnest(l) AS x FROM batch", (lists) => lists.flat().length],
  ["SELECT count(*) AS n FROM batch", () => 1],
  ["SELECT len(l) AS n FROM batch GROUP BY 1", (lists) => new Set(lists.map((list) => list.length)).size],
  ["FROM batch UNION ALL FROM batch", (lists) => lists.length * 2],
];

test("whatever the files and the transform, counts close from the records to the data files", async (t) => {
  const line = fc.oneof(fc.array(fc.nat({ max: 9 }), { maxLength: 4 }), fc.constant("broken"));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...SHAPES),
      async (files, [sql, rowsOut]) => {
        const lists = files.flat().filter((one) => typeof one !== "string");
        const textOf = (one: (typeof files)[number][number]): string =>
          typeof one === "string" ? "{broken\n" : `${JSON.stringify({ id: 1, l: one })}\n`;
        const contents = Object.fromEntries(
          files.map((lines, i) => [`${i}.json`, lines.map(textOf).join("")]),
        );
        const { result } = await stage(t, contents, sql, {
          hints: [
            { path: ["id"], type: "long" },
            { path: ["l"], type: { type: "array", elementType: "long", containsNull: true } },
          ],
        });
        const transformed = result.transformed!;
        assert.equal(transformed.rowsIn, lists.length);
        assert.equal(transformed.rowsOut, rowsOut(lists));
        const inFiles = result.dataFiles.reduce((sum, file) => sum + file.rows, 0);
        assert.equal(inFiles, transformed.rowsOut - transformed.rejected);
        for (const file of result.files) assert.equal(file.read, file.written + file.rejected);
      },
    ),
    { numRuns: 20 },
  );
});
