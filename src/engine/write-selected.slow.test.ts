import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { arbitraryTable } from "../../test/support/arbitrary-values.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import type { StructField, StructType } from "../schema/data-type.ts";
import { parseDdl } from "../schema/ddl.ts";
import type { ColumnMapping } from "../schema/physical-column.ts";
import { isLandfallError } from "../base/landfall-error.ts";

const engine = testEngine();

/** With physical names and ids for every field, at each depth. */
function mapped(schema: StructType): StructType {
  let id = 0;
  const visit = (type: StructField["type"]): StructField["type"] => {
    if (typeof type === "string") return type;
    if (type.type === "array") return { ...type, elementType: visit(type.elementType) };
    if (type.type === "map")
      return { ...type, keyType: visit(type.keyType), valueType: visit(type.valueType) };
    const fields = type.fields.map((field) => {
      const own = ++id;
      const metadata = { "delta.columnMapping.id": own, "delta.columnMapping.physicalName": `col-${own}` };
      return { ...field, type: visit(field.type), metadata };
    });
    return { type: "struct", fields };
  };
  return visit(schema) as StructType;
}

async function rowsOf(
  schema: StructType,
  columnMapping: ColumnMapping,
  paths: readonly string[],
): Promise<string[]> {
  const files = paths.map((path) => ({ path, partitionValues: {} }));
  const table = { name: "t", schema, columnMapping, partitionColumns: [], files };
  const { rows } = await engine.query({ sql: "SELECT * FROM t", tables: [table], limit: 10_000 });
  return rows.map((row) => JSON.stringify(row)).sort();
}

for (const columnMapping of ["none", "name", "id"] as const) {
  test(`any rows come out as they went in, with column mapping ${columnMapping}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(arbitraryTable(), async ({ ddl, select }) => {
        const folder = temporaryFolder(t);
        const plain = parseDdl(ddl);
        const schema = columnMapping === "none" ? plain : mapped(plain);
        const source = join(folder, "source.parquet");
        await writeParquetFile(source, select);
        const { files, rows } = await engine.writeRows({
          tables: {
            s: { schema: plain, partitionColumns: [], files: [{ path: source, partitionValues: {} }] },
          },
          sql: "SELECT * FROM s",
          schema,
          partitionColumns: [],
          columnMapping,
          folder,
        });
        const before = await rowsOf(plain, "none", [source]);
        assert.equal(rows, before.length);
        if (rows > 0)
          assert.deepEqual(
            await rowsOf(
              schema,
              columnMapping,
              files.map(({ path }) => path),
            ),
            before,
          );
      }),
      { numRuns: 40 },
    );
  });
}

async function numbers(t: TestContext): Promise<{ folder: string; source: string }> {
  const folder = temporaryFolder(t);
  const source = join(folder, "[1] source.parquet");
  await writeParquetFile(source, "SELECT i AS id, 'p' || i % 3 AS part FROM range(9) r(i)");
  mkdirSync(join(folder, "out"));
  return { folder: join(folder, "out"), source };
}

const NUMBERS = parseDdl("id BIGINT, part STRING");

test("partitions and statistics are told by physical names, rows deleted and conditions count", async (t) => {
  const { folder, source } = await numbers(t);
  const schema = mapped(NUMBERS);
  const { files, rows } = await engine.writeRows({
    tables: {
      s: {
        schema: NUMBERS,
        partitionColumns: [],
        files: [{ path: source, partitionValues: {}, deleted: Uint8Array.of(0b10000000) }],
      },
    },
    sql: "SELECT part, id FROM s WHERE (id < 7)",
    schema,
    partitionColumns: ["part"],
    columnMapping: "name",
    folder,
  });
  assert.equal(rows, 6);
  const told = files.map(({ partition, statistics }) => [
    partition["col-2"],
    statistics[0]!.path,
    statistics[0]!.min,
  ]);
  assert.deepEqual(
    new Set(told.map((one) => JSON.stringify(one))),
    new Set(['["p0",["col-1"],"3"]', '["p1",["col-1"],"1"]', '["p2",["col-1"],"2"]']),
  );
});

test("what does not fit its column, and a file beyond the tables, end the write by name", async (t) => {
  const { folder, source } = await numbers(t);
  const tables = {
    s: { schema: NUMBERS, partitionColumns: [], files: [{ path: source, partitionValues: {} }] },
  };
  const request = { tables, schema: parseDdl("id TINYINT, part STRING"), partitionColumns: [], folder };
  await assert.rejects(
    engine.writeRows({ ...request, sql: "SELECT id + 1000 AS id, part FROM s" }),
    (error) => isLandfallError(error, "QUERY_INVALID"),
  );
  await assert.rejects(
    engine.writeRows({ ...request, sql: "SELECT 1 AS id, content AS part FROM read_text('/etc/hostname')" }),
    /Permission Error/,
  );
});
