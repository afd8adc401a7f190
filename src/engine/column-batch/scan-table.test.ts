import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { isDeepStrictEqual } from "node:util";
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import fc from "fast-check";
import { arbitraryTable } from "../../../test/support/arbitrary-values.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../../test/support/write-parquet-file.ts";
import { parseDdl } from "../../schema/ddl.ts";
import type { QueryTable } from "../engine.ts";
import { frameOf } from "./batch-frame.ts";
import type { ColumnBatch } from "./column-batch.ts";
import { readFrames } from "./read-frames.ts";
import { scanTable } from "./scan-table.ts";
import { valuesOf, type ColumnValue } from "./value-at.ts";

const ENGINE = { memoryBytes: 512 * 1024 ** 2, threads: 2, spillFolder: "", spillBytes: 0 };

function tableOf(ddl: string, ...paths: readonly string[]): QueryTable {
  const files = paths.map((path) => ({ path, partitionValues: {} }));
  return { name: "t", schema: parseDdl(ddl), partitionColumns: [], files };
}

async function batchesOf(table: QueryTable, batchRows?: number): Promise<ColumnBatch[]> {
  const request = { table, ...(batchRows === undefined ? {} : { batchRows }) };
  return Array.fromAsync(scanTable(request, { engine: ENGINE, signal: undefined }));
}

/** The values column by column, over all batches. */
function columnsOf(batches: readonly ColumnBatch[]): ColumnValue[][] {
  const [first] = batches;
  return (first?.columns ?? []).map((_, i) => batches.flatMap((batch) => valuesOf(batch.columns[i]!)));
}

/** The same by the library's own reader, in our words. */
async function columnsByDuckdb(path: string): Promise<ColumnValue[][]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(`FROM read_parquet('${path}')`);
    return reader.getColumns().map((column) => column.map(inOurWords));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function inOurWords(value: DuckDBValue): ColumnValue {
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros;
  if (value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBBlobValue) return new Uint8Array(value.bytes);
  if (value instanceof DuckDBListValue) return value.items.map(inOurWords);
  if (value instanceof DuckDBMapValue)
    return new Map(value.entries.map((entry) => [inOurWords(entry.key), inOurWords(entry.value)]));
  if (value instanceof DuckDBStructValue) {
    const fields = Object.entries(value.entries).map(([name, field]) => [name, inOurWords(field)] as const);
    return Object.assign(Object.create(null) as object, Object.fromEntries(fields)) as ColumnValue;
  }
  return value as ColumnValue;
}

/** Through bytes and back, in pieces of so many. */
function framed(batches: readonly ColumnBatch[], piece: number): ColumnBatch[] {
  const read: ColumnBatch[] = [];
  const take = readFrames((id, batch) => {
    assert.equal(id, 7);
    read.push(batch);
  });
  const bytes = Buffer.concat(batches.flatMap((batch) => frameOf(7, batch)));
  for (let at = 0; at < bytes.length; at += piece) take(bytes.subarray(at, at + piece));
  return read;
}

test("what a scan gives is DuckDB's own values, whatever the types, and stays so through the frames of a pipe", async (t) => {
  const folder = temporaryFolder(t);
  let run = 0;
  const property = fc.asyncProperty(
    arbitraryTable(),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 200 }),
    async ({ ddl, select }, batchRows, piece) => {
      const path = join(folder, `${run++}.parquet`);
      await writeParquetFile(path, select);
      const batches = await batchesOf(tableOf(ddl, path), batchRows);
      const expected = await columnsByDuckdb(path);
      assert.deepStrictEqual(columnsOf(batches), expected);
      assert.deepStrictEqual(framed(batches, piece), batches);
      assert.deepStrictEqual(structuredClone(batches), batches);
      for (const batch of batches.slice(0, -1)) assert.equal(batch.rows, batchRows);
    },
  );
  await fc.assert(property, { numRuns: 40 });
});

const MANY = `SELECT i id, CASE WHEN i % 7 = 3 THEN NULL ELSE repeat(chr(97 + (i % 26)::INT), (hash(i) % 90)::INT) END s,
  CASE WHEN i < 6000 THEN (i / 8)::DECIMAL(38, 4) END d, CASE WHEN i % 11 <> 5 THEN range(i % 5) END l,
  CASE WHEN i % 13 <> 1 THEN {a: i % 2 = 0, b: ['x' || i, NULL]} END st, MAP {i: 'v' || i} m FROM (SELECT range i FROM range(20000))`;
const MANY_DDL =
  "id BIGINT, s STRING, d DECIMAL(38,4), l ARRAY<BIGINT>, st STRUCT<a: BOOLEAN, b: ARRAY<STRING>>, m MAP<BIGINT, STRING>";

test("batches that end within chunks have every value in its place", async (t) => {
  const path = join(temporaryFolder(t), "many.parquet");
  await writeParquetFile(path, MANY, "ROW_GROUP_SIZE 4096");
  const expected = await columnsByDuckdb(path);
  for (const batchRows of [97, 1001, 4096, undefined]) {
    const batches = await batchesOf(tableOf(MANY_DDL, path), batchRows);
    // A difference of so many values would take minutes to print.
    for (const [i, column] of columnsOf(batches).entries()) {
      const at = column.findIndex((value, row) => !isDeepStrictEqual(value, expected[i]![row]));
      assert.deepStrictEqual(
        column[at],
        expected[i]![at],
        `column ${i}, row ${at}, ${batchRows} rows a batch`,
      );
      assert.equal(column.length, 20_000);
    }
    assert.equal(batches.length, Math.ceil(20_000 / (batchRows ?? 65_536)));
  }
});

test("validity is there where a value of the batch is null, and only there", async (t) => {
  const path = join(temporaryFolder(t), "nulls.parquet");
  await writeParquetFile(path, "SELECT CASE WHEN range <> 150 THEN range END i FROM range(300)");
  const batches = await batchesOf(tableOf("i BIGINT", path), 100);
  assert.deepEqual(
    batches.map((batch) => batch.columns[0]!.validity !== undefined),
    [false, true, false],
  );
});

test("rows of many bytes come in smaller batches", async (t) => {
  const path = join(temporaryFolder(t), "large.parquet");
  await writeParquetFile(path, "SELECT repeat('x', 10000) s FROM range(20000)");
  const batches = await batchesOf(tableOf("s STRING", path));
  assert.ok(batches.length > 1, `${batches.length} batches`);
  for (const { columns } of batches) {
    const [column] = columns;
    assert.ok(column!.kind === "string" && column!.bytes.length < 64 * 1024 ** 2);
  }
  assert.equal(
    batches.reduce((rows, batch) => rows + batch.rows, 0),
    20_000,
  );
});

test("types are Delta's, as deep as they go", async (t: TestContext) => {
  const path = join(temporaryFolder(t), "many.parquet");
  await writeParquetFile(path, `${MANY} LIMIT 1`);
  const [batch] = await batchesOf(tableOf(MANY_DDL, path));
  const { fields } = parseDdl(MANY_DDL);
  assert.deepStrictEqual(
    batch!.columns.map(({ name, type }) => ({ name, type })),
    fields.map(({ name, type }) => ({ name, type })),
  );
});
