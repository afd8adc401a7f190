import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { copyStatistics } from "../../test/support/duckdb-parquet.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { nullableField, type StructType } from "../schema/data-type.ts";
import { duckdbEngine } from "./duckdb-engine.ts";
import { measureSql, parseMeasured } from "./measure-sql.ts";

test("what is measured in a file is what its writer told of it, whatever the columns are called", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "x.parquet");
  const struct: StructType = { type: "struct", fields: [nullableField("in'ner", "string")] };
  const fields = [
    nullableField("_", "long"),
    nullableField('a"b', "double"),
    nullableField("at", "timestamp"),
    nullableField("s", struct),
    nullableField("ok", "boolean"),
  ];
  const told = await copyStatistics(
    path,
    `SELECT i AS "_", CASE WHEN i = 3 THEN 'nan'::DOUBLE ELSE i / 4 END AS "a""b", TIMESTAMPTZ '2026-01-01 00:00:00.000001Z' + i * INTERVAL 1 SECOND AS "at",
      CASE WHEN i = 5 THEN NULL ELSE {'in''ner': CASE WHEN i < 2 THEN NULL ELSE 'v' || i END} END AS s, i > 2 AS ok FROM range(7) t(i)`,
  );
  const engine = duckdbEngine({
    memoryBytes: 256 * 1024 ** 2,
    threads: 1,
    spillFolder: join(folder, "spill"),
    spillBytes: 1024 ** 2,
  });
  t.after(() => engine.close());
  const columns = [
    ...fields.filter(({ name }) => name !== "s").map(({ name, type }) => ({ path: [name], type })),
    { path: ["s", "in'ner"], type: "string" as const },
  ];
  const table = {
    schema: { type: "struct" as const, fields },
    partitionColumns: [],
    files: [{ path, partitionValues: {} }],
  };
  const tables = ["f0", "f1"].map((name) => ({ name, ...table }));
  const { rows } = await engine.query({ sql: measureSql(["f0", "f1"], columns), tables });
  assert.deepEqual(new Set(rows.map((row) => parseMeasured(row, columns).table)), new Set([0, 1]));
  for (const row of rows) {
    const { measured } = parseMeasured(row, columns);
    assert.equal(measured.rows, 7);
    for (const column of measured.columns) {
      const writer = told.columns.find((each) => each.path.join("\0") === column.path.join("\0"))!;
      assert.equal(column.nullCount, writer.nullCount, column.path.join("."));
      if (column.path[0] === "ok") continue;
      assert.equal(column.min, writer.min);
      if (column.hasNan === true) assert.equal(writer.hasNan, true);
      else assert.equal(column.max, writer.max);
    }
    assert.deepEqual(
      measured.columns.filter((column) => column.hasNan).map((column) => column.path),
      [['a"b']],
    );
  }
});
