/** What every adapter of the engine's port promises of scans. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { valueAt, valuesOf } from "../../src/engine/column-batch/value-at.ts";
import type { Engine, EngineOptions, QueryTable, ScanRequest } from "../../src/engine/engine.ts";
import { parseDdl } from "../../src/schema/ddl.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";
import { openShared } from "./engine-contract.ts";

const SCHEMA = parseDdl("id BIGINT, city STRING, p STRING");

/** Three files with 1,000 rows each, in two partitions; `id` counts through all. */
async function threeFiles(folder: string): Promise<QueryTable> {
  const partitions = ["x", "y", null];
  const files = await Promise.all(
    partitions.map(async (p, i) => {
      const path = join(folder, `${i}.parquet`);
      await writeParquetFile(
        path,
        `SELECT range id, 'city ' || range city FROM range(${1000 * i}, ${1000 * i + 1000})`,
      );
      return { path, partitionValues: { p } };
    }),
  );
  return { name: "cities", schema: SCHEMA, partitionColumns: ["p"], files, inOrder: true };
}

/** Rows by the billion in files of a few kilobytes: no memory holds them. */
async function endless(folder: string): Promise<QueryTable> {
  const path = join(folder, "endless.parquet");
  await writeParquetFile(path, "SELECT 1::BIGINT id FROM range(1000000)");
  const files = Array.from({ length: 1000 }, () => ({ path, partitionValues: {} }));
  return { name: "endless", schema: parseDdl("id BIGINT"), partitionColumns: [], files };
}

/** All values of each column of a scan. */
async function columnsOf(engine: Engine, request: ScanRequest): Promise<Record<string, unknown[]>> {
  const columns: Record<string, unknown[]> = {};
  for await (const batch of engine.scan(request)) {
    for (const column of batch.columns) (columns[column.name] ??= []).push(...valuesOf(column));
  }
  return columns;
}

const count = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from }, (_, i) => BigInt(from + i));

export function scanContract(name: string, make: (options: EngineOptions) => Engine): void {
  const open = openShared(make);

  test(`${name}: a scan in order gives the rows of file after file, with partition values`, async (t) => {
    const { engine, folder } = open(t);
    const table = await threeFiles(folder);
    for (const files of [table.files, table.files.toReversed()]) {
      const { id, p } = await columnsOf(engine, { table: { ...table, files }, batchRows: 700 });
      const expected = files.flatMap((file) => {
        const first = 1000 * table.files.indexOf(file);
        return count(first, first + 1000).map((one) => [one, file.partitionValues["p"]] as const);
      });
      assert.deepEqual(
        id,
        expected.map(([one]) => one),
      );
      assert.deepEqual(
        p,
        expected.map(([, value]) => value),
      );
    }
  });

  test(`${name}: a scan by several threads gives each file's rows that are left, with its partition values`, async (t) => {
    const { engine, folder } = open(t);
    const { files, ...rest } = await threeFiles(folder);
    // Of the second file every eighth row is deleted.
    const second = { ...files[1]!, deleted: new Uint8Array(125).fill(128) };
    const table = { ...rest, files: [files[0]!, second, files[2]!], inOrder: false };
    const { id, p } = await columnsOf(engine, { table });
    const expected = count(0, 3000).filter((one) => one < 1000n || one >= 2000n || one % 8n !== 0n);
    assert.deepEqual(
      id!.map((one, i) => [one as bigint, p![i]] as const).sort(([a], [b]) => Number(a - b)),
      expected.map((one) => [one, files[Math.floor(Number(one) / 1000)]!.partitionValues["p"]]),
    );
  });

  test(`${name}: a scan takes columns and a condition, and says which column there is instead`, async (t) => {
    const { engine, folder } = open(t);
    const table = await threeFiles(folder);
    const where = "id % 1000 = 7 AND p IS NOT NULL -- of two";
    assert.deepEqual(await columnsOf(engine, { table, columns: ["city", "id"], where }), {
      city: ["city 7", "city 1007"],
      id: [7n, 1007n],
    });
    assert.deepEqual(await columnsOf(engine, { table, where: "false" }), {});
    let rows = 0;
    for await (const batch of engine.scan({ table, columns: [] })) rows += batch.rows;
    assert.equal(rows, 3000);
    await assert.rejects(columnsOf(engine, { table, columns: ["citi"] }), (error) => {
      assert.ok(isLandfallError(error, "QUERY_INVALID"));
      assert.match(error.message, /cities has no column citi/);
      assert.match(error.hint, /city/);
      return true;
    });
  });

  const conditions = [
    ["", /no SQL expression|not one expression/],
    ["id = ", /no SQL expression/],
    ["1 = 1) OR (1 = 1", /not one expression|no SQL expression/],
    ["true; DROP VIEW cities", /not one expression|no SQL expression/],
    ["true UNION SELECT 1", /not one expression|no SQL expression/],
    ["id IN (SELECT 1)", /subquery/],
    ["nobody = 1", /nobody/],
    ["count(*) > 1", /aggregate/i],
    ["city::INT > 1", /city 0/],
  ] as const;
  test(`${name}: a condition is one expression over the columns, and nothing else`, async (t) => {
    const { engine, folder } = open(t);
    const table = await threeFiles(folder);
    for (const [where, why] of conditions) {
      await assert.rejects(columnsOf(engine, { table, where }), (error) => {
        assert.ok(isLandfallError(error, "QUERY_INVALID"), `${where}: ${String(error)}`);
        assert.match(error.message, why);
        return true;
      });
    }
    for (const batchRows of [0, -1, 1.5, Number.NaN])
      await assert.rejects(columnsOf(engine, { table, batchRows }), /batchRows/);
  });

  test(`${name}: a scan that is left, or aborted, ends, and what else runs goes on`, async (t) => {
    const { engine, folder } = open(t);
    const table = await endless(folder);
    const other = engine.scan({ table, batchRows: 1000 })[Symbol.asyncIterator]();
    await other.next();
    for await (const batch of engine.scan({ table })) {
      assert.equal(batch.rows, 65_536);
      break;
    }
    const abort = new AbortController();
    let batches = 0;
    const aborted = async (): Promise<void> => {
      for await (const _ of engine.scan({ table }, { signal: abort.signal }))
        if (++batches === 3) abort.abort();
    };
    await assert.rejects(aborted(), { name: "AbortError" });
    assert.equal(batches, 3);
    await assert.rejects(aborted(), { name: "AbortError" });
    const next = await other.next();
    assert.equal(valueAt(next.value.columns[0], 999), 1n);
    await other.return!();
    assert.deepEqual(await other.next(), { done: true, value: undefined });
  });

  test(`${name}: several scans at once do not mix`, async (t) => {
    const { engine, folder } = open(t);
    const table = await threeFiles(folder);
    const ranges = [0, 1, 2, 3, 4].map((i) => [i * 600, i * 600 + 600] as const);
    // Again and again: an answer and the last batch of its scan come by two ways, and either may be the first.
    for (let round = 0; round < 5; round++) {
      const all = await Promise.all(
        ranges.map(([from, to]) =>
          columnsOf(engine, { table, batchRows: 50, columns: ["id"], where: `id >= ${from} AND id < ${to}` }),
        ),
      );
      assert.deepEqual(
        all,
        ranges.map(([from, to]) => ({ id: count(from, to) })),
      );
    }
  });

  test(`${name}: a table without files has no batch, a file that is gone is said`, async (t) => {
    const { engine, folder } = open(t);
    const table = await threeFiles(folder);
    assert.deepEqual(await columnsOf(engine, { table: { ...table, files: [] } }), {});
    const gone = { path: join(folder, "gone.parquet"), partitionValues: { p: "x" } };
    await assert.rejects(
      columnsOf(engine, { table: { ...table, files: [...table.files, gone] } }),
      (error) => {
        assert.ok(isLandfallError(error, "OBJECT_MISSING"), String(error));
        assert.match(error.message, /gone\.parquet/);
        return true;
      },
    );
  });
}
