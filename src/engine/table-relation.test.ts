import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { NAN_BESIDE_BOUNDS } from "../../test/support/nan-beside-bounds.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import type { DataType, StructField } from "../schema/data-type.ts";
import type { ComparisonOperator, Predicate } from "../schema/predicate.ts";
import { valuesOf } from "./column-batch/value-at.ts";
import type { QueryTable, QueryTableFile } from "./engine.ts";

const folder = temporaryFolder({ after });
const engine = testEngine();

let written = 0;

/** A Parquet file with the rows of a query. */
async function file(
  select: string,
  options: { readonly fieldIds?: string } & Omit<Partial<QueryTableFile>, "path"> = {},
): Promise<QueryTableFile> {
  const { fieldIds, ...rest } = options;
  const path = join(folder, `${written++}.parquet`);
  const ids = fieldIds === undefined ? "" : `FIELD_IDS ${fieldIds}`;
  await writeParquetFile(path, select, ids);
  return { path, partitionValues: {}, ...rest };
}

function field(name: string, type: DataType, mapped?: readonly [physical: string, id: number]): StructField {
  const metadata: StructField["metadata"] =
    mapped === undefined
      ? {}
      : { "delta.columnMapping.physicalName": mapped[0], "delta.columnMapping.id": mapped[1] };
  return { name, type, nullable: true, metadata };
}

function struct(...fields: StructField[]): DataType {
  return { type: "struct", fields };
}

function array(elementType: DataType): DataType {
  return { type: "array", elementType, containsNull: true };
}

function map(valueType: DataType): DataType {
  return { type: "map", keyType: "string", valueType, valueContainsNull: true };
}

function tableOf(
  fields: readonly StructField[],
  files: readonly QueryTableFile[],
  more: Partial<QueryTable> = {},
): QueryTable {
  return { name: "t", schema: { type: "struct", fields }, partitionColumns: [], files, ...more };
}

async function rows(table: QueryTable, sql = "SELECT * FROM t ORDER BY ALL"): Promise<readonly unknown[]> {
  return (await engine.query({ sql, tables: [table], limit: 100_000 })).rows;
}

async function refused(
  table: QueryTable,
  code: LandfallError["code"],
  ...words: readonly string[]
): Promise<void> {
  await assert.rejects(rows(table), (error) => {
    assert.ok(isLandfallError(error, code), String(error));
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} names ${word}`);
    return true;
  });
}

test("physical names are taken off columns and nested fields, in arrays and maps too", async () => {
  const inner = struct(field("A b", "long", ["p3", 3]), field("new", "string", ["p4", 4]));
  const fields = [
    field("id", "long", ["p1", 1]),
    field("s", inner, ["p2", 2]),
    field("l", array(inner), ["p5", 5]),
    field("m", map(inner), ["p6", 6]),
  ];
  const select =
    "SELECT 1::INT AS p1, {'p3': 2::INT} AS p2, [{'p3': 3::INT}, NULL] AS p5, MAP {'k': {'p3': 4::INT}} AS p6, 9 AS id";
  const files = [await file(select), await file("SELECT 2::INT AS p1, 'not it' AS s")];
  assert.deepEqual(await rows(tableOf(fields, files, { columnMapping: "name" })), [
    [
      "1",
      { "A b": "2", new: null },
      [{ "A b": "3", new: null }, null],
      [{ key: "k", value: { "A b": "4", new: null } }],
    ],
    ["2", null, null, null],
  ]);
});

test("ids are gone by where the table says so, whatever the names, nested too", async () => {
  const inner = struct(field("x", "long", ["px", 3]), field("y", "string", ["py", 4]));
  const fields = [field("a", "string", ["pa", 1]), field("s", inner, ["ps", 2])];
  const ids = (a: number, s: number, x: number, y: number): string =>
    `{pa: ${a}, ps: {__duckdb_field_id: ${s}, px: ${x}, py: ${y}}}`;
  const select = "SELECT 'one' AS pa, {'px': 7::BIGINT, 'py': 'seven'} AS ps";
  const files = [
    await file(select, { fieldIds: ids(1, 2, 3, 4) }),
    // The names have been given to others since.
    await file("SELECT {'py': 8::BIGINT, 'px': 'eight'} AS pa, 'two' AS ps", {
      fieldIds: "{pa: {__duckdb_field_id: 2, py: 3, px: 4}, ps: 1}",
    }),
    await file(select, { fieldIds: ids(11, 12, 13, 14) }),
  ];
  assert.deepEqual(await rows(tableOf(fields, files, { columnMapping: "id" })), [
    ["one", { x: "7", y: "seven" }],
    ["two", { x: "8", y: "eight" }],
    [null, null],
  ]);
  const without = await file(select);
  await refused(
    tableOf(fields, [...files, without], { columnMapping: "id" }),
    "TABLE_DATA_CORRUPT",
    without.path,
    "field ids",
  );
});

test("files with older types, other orders and other cases of names give the table's values", async () => {
  const fields = [
    field("b", "long"),
    field("d", "double"),
    field("t", "timestamp_ntz"),
    field("m", "decimal(12,3)"),
    field("n", "decimal(20,0)"),
    field("s", struct(field("x", "long"), field("Y", "string"))),
    field("file_index", "string"),
    field("txt", "string"),
    field("bin", "binary"),
    field("void", "void"),
  ];
  const files = [
    await file(`SELECT 'a' AS FILE_INDEX, {'y': 'u', 'X': 1::TINYINT} AS S, 3::INTEGER AS N, 1.25::DECIMAL(5,2) AS m,
      DATE '2020-01-02' AS t, 1.5::FLOAT AS D, 1::SMALLINT AS B, encode('é') AS txt, 'é' AS bin, 1 AS other`),
    await file(
      `SELECT 9007199254740993::BIGINT AS b, 2::INTEGER AS d, TIMESTAMP '2020-01-02 03:04:05.000006' AS t`,
    ),
  ];
  assert.deepEqual(await rows(tableOf(fields, files)), [
    ["1", 1.5, "2020-01-02 00:00:00", "1.250", "3", { x: "1", Y: "u" }, "a", "é", "\\xC3\\xA9", null],
    ["9007199254740993", 2, "2020-01-02 03:04:05.000006", null, null, null, null, null, null, null],
  ]);
});

test("a struct of which the file has none of the fields is one of nulls, and null where it is null", async () => {
  const fields = [field("i", "integer"), field("s", struct(field("new", "long")))];
  const files = [
    await file("SELECT 1::INT AS i, {'old': 1} AS s UNION ALL SELECT 2, NULL"),
    await file("SELECT 3::INT AS i, {'new': 5} AS s"),
  ];
  assert.deepEqual(await rows(tableOf(fields, files)), [
    [1, { new: null }],
    [2, null],
    [3, { new: "5" }],
  ]);
});

test("a column that would lose digits is refused by file and name, once it is asked for", async () => {
  const cases: readonly (readonly [DataType, string])[] = [
    ["integer", "1.5::DOUBLE"],
    ["float", "1.5::DOUBLE"],
    ["double", "1::BIGINT"],
    ["decimal(10,1)", "1.25::DECIMAL(10,2)"],
    ["integer", "'12'"],
    ["date", "TIMESTAMP '2020-01-01'"],
    ["string", "12"],
    ["boolean", "1"],
    [array("integer"), "['x']"],
    [struct(field("x", "integer")), "{'x': 1.5::DOUBLE}"],
    [struct(field("x", "integer")), "1"],
    [map("integer"), "[1]"],
    ["long", "{'x': 1}"],
  ];
  for (const [type, value] of cases) {
    const wrong = await file(`SELECT 1::INT AS i, ${value} AS c`);
    const table = tableOf([field("i", "integer"), field("c", type)], [wrong]);
    await refused(table, "TABLE_DATA_CORRUPT", wrong.path, "column c");
    assert.deepEqual(await rows(table, "SELECT i FROM t"), [[1]]);
  }
  const large = await file("SELECT 3000000000 AS c");
  await refused(tableOf([field("c", "integer")], [large]), "TABLE_DATA_CORRUPT", large.path);
  await refused(tableOf([], [large]), "TABLE_FEATURE_UNSUPPORTED", "no columns");
});

test("partition values come from the log, by type, and not from what else stands in the file", async () => {
  const types: readonly (readonly [DataType, string, unknown])[] = [
    ["string", "it's", "it's"],
    ["long", "9007199254740993", "9007199254740993"],
    ["double", "1.0E10", 1e10],
    ["double", "NaN", "NaN"],
    ["decimal(10,2)", "1.20", "1.20"],
    ["boolean", "true", true],
    ["date", "2020-01-02", "2020-01-02"],
    ["timestamp", "2020-01-02 03:04:05.000006+00", "2020-01-02 03:04:05.000006+00"],
    ["timestamp_ntz", "2020-01-02 03:04:05", "2020-01-02 03:04:05"],
    ["binary", "aé", "a\\xC3\\xA9"],
    ["string", "", null],
  ];
  const fields = [field("i", "integer"), ...types.map(([type], n) => field(`c${n}`, type, [`p${n}`, n + 2]))];
  const partitionValues = Object.fromEntries(types.map(([, text], n) => [`p${n}`, text]));
  const nulls = Object.fromEntries(types.map((_, n) => [`p${n}`, null]));
  const mapped = [field("i", "integer", ["p", 1]), ...fields.slice(1)];
  const files = [
    await file("SELECT 1::INT AS p, 5 AS p1", { partitionValues }),
    await file("SELECT 2::INT AS p", { partitionValues: nulls }),
  ];
  const partitionColumns = types.map((_, n) => `c${n}`);
  assert.deepEqual(await rows(tableOf(mapped, files, { partitionColumns, columnMapping: "name" })), [
    [1, ...types.map(([, , value]) => value)],
    [2, ...types.map(() => null)],
  ]);
  const only = tableOf(fields.slice(1, 2), files.slice(0, 1), { partitionColumns: ["c0"] });
  const named = { ...only, columnMapping: "name" as const };
  assert.deepEqual(await rows(named), [["it's"]]);
});

test("deleted rows are gone, whatever the files, their shapes and partitions", async () => {
  const one = fc.record({
    count: fc.integer({ min: 1, max: 5000 }),
    deleted: fc.option(fc.array(fc.nat(4999), { maxLength: 60 })),
    narrow: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(one, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (plans, hasPartition) => {
        const files: QueryTableFile[] = [];
        const expected: string[] = [];
        for (const [n, { count, deleted, narrow }] of plans.entries()) {
          const gone = new Set((deleted ?? []).filter((row) => row < count));
          const bits = new Uint8Array(Math.floor(Math.max(-1, ...gone) / 8) + 1);
          for (const row of gone) bits[row >> 3]! |= 128 >> (row & 7);
          for (let row = 0; row < count; row++)
            if (!gone.has(row)) expected.push(JSON.stringify(hasPartition ? [row, String(n)] : [row]));
          const vector = deleted === null ? {} : { deleted: bits };
          const select = `SELECT i::${narrow ? "SMALLINT" : "INTEGER"} AS i ${narrow ? "" : ", 1 AS more"} FROM range(${count}) r(i)`;
          files.push(await file(select, { partitionValues: { p: String(n) }, ...vector }));
        }
        const fields = [field("i", "integer"), ...(hasPartition ? [field("p", "string")] : [])];
        const table = tableOf(fields, files, hasPartition ? { partitionColumns: ["p"] } : {});
        const found = (await rows(table, "SELECT * FROM t")).map((row) => JSON.stringify(row));
        assert.deepEqual(found.sort(), expected.sort());
        const last = await rows(table, "SELECT count(*) FROM t WHERE i > 100");
        assert.equal(
          Number((last[0] as unknown[])[0]),
          expected.filter((row) => Number.parseInt(row.slice(1)) > 100).length,
        );
      },
    ),
    { numRuns: 25 },
  );
});

test("kept rows are read alone, and files of other shapes in their order where that is asked for", async () => {
  const bare = await file("SELECT i::INTEGER AS a FROM range(20) r(i)");
  const whole = await file("SELECT (100 + i)::BIGINT AS a, 'x' AS b FROM range(3) r(i)");
  const kept = Uint8Array.from([0b0100_0000, 0, 0b0001_0000]);
  const fields = [field("a", "long"), field("b", "string")];
  const files = [{ ...bare, kept }, whole, { ...bare, kept: Uint8Array.from([128]) }, whole];
  const table = tableOf(fields, files, { inOrder: true });
  const read: unknown[] = [];
  for await (const { columns } of engine.scan({ table, columns: ["a"] })) read.push(...valuesOf(columns[0]!));
  assert.deepEqual(read, [1n, 19n, 100n, 101n, 102n, 0n, 100n, 101n, 102n]);
});

test("a vector that deletes rows which its file has not is refused", async () => {
  for (const [count, deleted] of [
    [7, Uint8Array.of(1)],
    [8, Uint8Array.of(0, 128)],
    [9, Uint8Array.of(0, 64)],
    [100, new Uint8Array(14)],
  ] as const) {
    const wrong = await file(`SELECT i FROM range(${count}) r(i)`, { deleted });
    await refused(tableOf([field("i", "long")], [wrong]), "TABLE_DATA_CORRUPT", wrong.path, String(count));
  }
  const whole = await file("SELECT i FROM range(8) r(i)", { deleted: Uint8Array.of(1) });
  assert.equal((await rows(tableOf([field("i", "long")], [whole]))).length, 7);
});

test("a file that is missing or no Parquet is named", async () => {
  const good = await file("SELECT 1 AS i");
  const missing = { path: join(folder, "missing.parquet"), partitionValues: {} };
  const text = { path: join(folder, "text.parquet"), partitionValues: {} };
  writeFileSync(text.path, "this is no Parquet file, although it is long enough to be one");
  await refused(tableOf([field("i", "integer")], [good, missing]), "OBJECT_MISSING", missing.path);
  await refused(tableOf([field("i", "integer")], [good, text]), "TABLE_DATA_CORRUPT", text.path);
});

test("NaN is above all other numbers also where a file's bounds do not know of it", async () => {
  const path = join(folder, "nan.parquet");
  writeFileSync(path, NAN_BESIDE_BOUNDS);
  const fields = [
    field("f", "float"),
    field("d", "double"),
    field("s", struct(field("a", "double"))),
    field("l", array("double")),
  ];
  const table = tableOf(fields, [{ path, partitionValues: {} }]);
  for (const value of ["f", "d", "s.a", "l[1]"]) {
    for (const condition of ["> 5", "= 'NaN'", "<> 1", ">= 1"]) {
      const sql = `SELECT count(*) FROM t WHERE ${value} ${condition}`;
      assert.deepEqual(await rows(table, sql), [[condition === ">= 1" ? "2" : "1"]], sql);
    }
    assert.deepEqual(await rows(table, `SELECT isnan(max(${value})), min(${value}) = 1 FROM t`), [
      [true, true],
    ]);
  }
  const wide = tableOf([field("f", "double")], [{ path, partitionValues: {} }]);
  assert.deepEqual(await rows(wide, "SELECT count(*) FROM t WHERE f > 5"), [["1"]]);
});

/** What predicates ask of x and of f, with how many rows of 0 to 4095 and NaN they are true for. */
const RANGES: readonly (readonly [sql: string, wanted: Predicate, rows: string])[] = (
  ["x", "f"] as const
).flatMap((name) => {
  const compare = (op: ComparisonOperator, text: string): Predicate => ({
    kind: "compare",
    op,
    column: [name],
    value: { type: "double", text },
  });
  return [
    [`${name} < 5`, compare("<", "5.0"), "5"],
    [`${name} = 7`, compare("=", "7.0"), "1"],
    [`${name} BETWEEN 2 AND 3.5`, { kind: "and", of: [compare(">=", "2.0"), compare("<=", "3.5")] }, "2"],
  ];
});

test("row groups are skipped by what a condition asks of floating-point numbers", async () => {
  const path = join(folder, "half.parquet");
  const select = `SELECT CAST(range AS DOUBLE) AS x, CAST(range AS FLOAT) AS f FROM range(4096)`;
  await writeParquetFile(path, select, "ROW_GROUP_SIZE 2048");
  const bytes = readFileSync(path);
  // Inside of the second row group, in both of its columns: whoever reads it fails.
  bytes.fill(0xff, Math.floor(bytes.length * 0.55), Math.floor(bytes.length * 0.9));
  writeFileSync(path, bytes);
  const fields = [field("x", "double"), field("f", "float")];
  const deleted = { path, partitionValues: {}, deleted: Buffer.from([128 >> 7]) };
  for (const [where, wanted, expected] of RANGES) {
    const sql = `SELECT count(*) FROM t WHERE ${where}`;
    const whole = tableOf(fields, [{ path, partitionValues: {} }]);
    await assert.rejects(rows(whole, sql), where);
    assert.deepEqual(await rows({ ...whole, wanted }, sql), [[expected]], where);
    const withVector = String(Number(expected) - (where.endsWith("= 7") ? 1 : 0));
    assert.deepEqual(await rows(tableOf(fields, [deleted], { wanted }), sql), [[withVector]], where);
  }
});

test("a variant is the text of its JSON; a shredded one is refused by its name where it is asked for", async () => {
  const bytes = "'\\x01\\x01\\x00\\x03key'::BLOB";
  const value = "'\\x02\\x01\\x00\\x00\\x02\\x0C\\x07'::BLOB";
  const plain = await file(
    `SELECT 1::INT AS i, {'value': ${value}, 'metadata': ${bytes}} AS v, [{'value': ${value}, 'metadata': ${bytes}}] AS l UNION ALL SELECT 2, NULL, NULL`,
  );
  const fields = [field("i", "integer"), field("v", "variant"), field("l", array("variant"))];
  assert.deepEqual(await rows(tableOf(fields, [plain])), [
    [1, '{"key":7}', ['{"key":7}']],
    [2, null, null],
  ]);
  const shredded = await file(
    `SELECT 3::INT AS i, {'metadata': ${bytes}, 'value': NULL::BLOB, 'typed_value': 7} AS v`,
  );
  const table = tableOf(fields, [shredded]);
  await refused(table, "TABLE_FEATURE_UNSUPPORTED", "column v", shredded.path);
  assert.deepEqual(await rows(table, "SELECT i FROM t"), [[3]]);
  const damaged = await file(`SELECT {'metadata': ${bytes}, 'value': '\\x02\\xFF\\xFF'::BLOB} AS v`);
  await refused(tableOf([field("v", "variant")], [damaged]), "QUERY_INVALID", "corruption");
});

test("a variant that its file says to be one is read, shredded or not, beside files that do not say it", async () => {
  const bytes = "'\\x01\\x01\\x00\\x03key'::BLOB";
  const unsaid = await file(
    `SELECT 1::INT AS i, {'metadata': ${bytes}, 'value': '\\x02\\x01\\x00\\x00\\x02\\x0C\\x07'::BLOB} AS v`,
  );
  const select = (i: number, value: string): string => `SELECT ${i}::INT AS i, ${value}::VARIANT AS v`;
  const said = await file(
    `${select(2, "{'a': 1, 'b': [DATE '2026-01-01', NULL]}")} UNION ALL ${select(3, "NULL")}`,
  );
  const path = join(folder, "shredded.parquet");
  const rest = `UNION ALL ${select(5, "'x'")} UNION ALL ${select(6, "{'a': {'deep': 1.50}}")}`;
  await writeParquetFile(
    path,
    `${select(4, "{'a': 7, 'more': true}")} ${rest}`,
    "SHREDDING {v: 'STRUCT(a INTEGER)'}",
  );
  const fields = [field("i", "integer"), field("v", "variant")];
  const table = tableOf(fields, [unsaid, said, { path, partitionValues: {} }]);
  assert.deepEqual(await rows(table), [
    [1, '{"key":7}'],
    [2, '{"a":1,"b":["2026-01-01",null]}'],
    [3, null],
    [4, '{"a":7,"more":true}'],
    [5, '"x"'],
    [6, '{"a":{"deep":1.50}}'],
  ]);
});
