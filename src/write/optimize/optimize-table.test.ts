import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { idsOf, tableOfFiles } from "../../../test/support/table-of-files.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import type { AddFile } from "../../delta/actions.ts";
import { clusteredSql } from "./clustered-sql.ts";
import { planBinPacking } from "./plan-optimize.ts";

test("small files of each partition become one, rows stay, and a second time there is nothing to do", async (t) => {
  const { table, put, folder } = await tableOfFiles(t, "id BIGINT, day DATE, name STRING", ["day"]);
  for (let i = 0; i < 3; i++)
    await put(
      `SELECT ${i} * 10 + i AS id, DATE '2026-01-01' + (i % 2)::INT AS day, 'x' AS name FROM range(4) r(i)`,
    );
  const before = await idsOf(table);
  const done = await table.optimize();
  assert.deepEqual([done.commits, done.filesRemoved, done.filesAdded], [1, 6, 2]);
  assert.deepEqual(await idsOf(table), before);
  const [commit] = await table.history({ limit: 1 });
  assert.equal(commit!.operation, "OPTIMIZE");
  assert.equal((await table.optimize()).commits, 0);
  assert.equal((await table.snapshot()).version, 4);
  // Earlier versions keep their files.
  assert.equal(
    readdirSync(join(folder, "day=2026-01-01")).filter((name) => name.endsWith(".parquet")).length,
    4,
  );
  // Changed rows: none.
  const changes = [];
  for await (const batch of table.changes({ from: 4, withoutFeed: true })) changes.push(batch);
  assert.deepEqual(changes, []);
});

test("a condition limits it to files that may hold such rows", async (t) => {
  const { table, put } = await tableOfFiles(t, "id BIGINT, day DATE", ["day"]);
  for (let i = 0; i < 2; i++)
    await put(`SELECT i AS id, DATE '2026-01-01' + i::INT AS day FROM range(3) r(i)`);
  const done = await table.optimize({ where: "day = '2026-01-02'" });
  assert.deepEqual([done.filesRemoved, done.filesAdded], [2, 1]);
});

test("the curve has every row once, null, NaN and equal values among them", async () => {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run(
      "CREATE TABLE t AS SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE i % 5 END AS a, CASE WHEN i % 9 = 0 THEN 'nan'::DOUBLE ELSE i / 3 END AS b, CASE WHEN i % 4 = 0 THEN NULL ELSE 's' || i END AS c FROM range(3000) r(i)",
    );
    for (const columns of [["a"], ["a", "b"], ["a", "b", "c"]]) {
      const read = await connection.runAndReadAll(`SELECT i FROM (${clusteredSql("t", columns)})`);
      const rows = read.getRows().map(([i]) => Number(i));
      assert.deepEqual(
        rows.sort((a, b) => a - b),
        Array.from({ length: 3000 }, (_, i) => i),
      );
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});

test("columns that have no order are refused, and sizes that are none", async (t) => {
  const { table, put } = await tableOfFiles(t, "id BIGINT, l ARRAY<INT>, day DATE", ["day"]);
  await put("SELECT 1 AS id, [1] AS l, DATE '2026-01-01' AS day");
  for (const zOrderBy of [["day"], ["l"], ["no"]])
    await assert.rejects(table.optimize({ zOrderBy }), (error) => isLandfallError(error, "QUERY_INVALID"));
  await assert.rejects(table.optimize({ targetFileSize: "large" }), (error) =>
    isLandfallError(error, "USAGE"),
  );
});

test("any files: a bin is no larger than its target, holds two at least or gets rid of rows, and no file is in two", () => {
  const files = fc.array(
    fc.record({ size: fc.integer({ min: 1, max: 300 }), deleted: fc.integer({ min: 0, max: 10 }) }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 400 }), (list, targetFileSize) => {
      const adds = list.map(({ size, deleted }, i): AddFile => ({
        path: `f${i}`,
        partitionValues: { p: String(i % 2) },
        size,
        modificationTime: 1,
        dataChange: true,
        stats: '{"numRecords":100}',
        ...(deleted === 0
          ? {}
          : {
              deletionVector: { storageType: "u", pathOrInlineDv: "x", sizeInBytes: 1, cardinality: deleted },
            }),
      }));
      const groups = planBinPacking(adds, { targetFileSize, maxDeletedShare: 0.05 });
      const all = groups.flatMap((group) => group.files);
      assert.equal(new Set(all).size, all.length);
      for (const group of groups) {
        assert.equal(new Set(group.files.map((add) => add.partitionValues["p"])).size, 1);
        const bytes = group.files.reduce((sum, add) => sum + add.size, 0);
        assert.ok(group.files.length === 1 || bytes <= targetFileSize);
        assert.ok(group.files.length > 1 || Number(group.files[0]!.deletionVector?.cardinality ?? 0) > 5);
      }
    }),
  );
});
