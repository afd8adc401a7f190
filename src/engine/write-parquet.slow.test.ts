import assert from "node:assert/strict";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { nullableField, type StructType } from "../schema/data-type.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openDuckdb, type Duckdb } from "./duckdb.ts";
import type { WrittenFile } from "./engine.ts";
import { columnsArgument, pathsArgument } from "./sql.ts";
import { quotedPath, writeParquet } from "./write-parquet.ts";

const MIB = 1024 ** 2;

const SCHEMA: StructType = {
  type: "struct",
  fields: [nullableField("id", "long"), nullableField("part", "string"), nullableField("text", "string")],
};

test("DuckDB's quoted path has its segments, whatever stands in them", () => {
  assert.deepEqual(quotedPath('"a"."b""c"."d.e"'), ["a", 'b"c', "d.e"]);
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (segments) => {
      const text = segments.map((segment) => `"${segment.replaceAll('"', '""')}"`).join(".");
      assert.deepEqual(quotedPath(text), segments);
    }),
  );
});

for (const partitionBy of [[], ["part"]]) {
  const where = partitionBy.length === 0 ? "one folder" : "60 partitions";
  test(`rows of 2 MB, twice the memory in all, go into ${where}`, async (t) => {
    const rows = Array.from({ length: 240 }, (_, id) => ({ id, part: `p${id % 60}`, bytes: 2_000_000 }));
    await assertWritten(t, { rows, partitionBy });
  });
}

test("500 partitions at once keep within the memory, and have a file each", async (t) => {
  const rows = Array.from({ length: 50_000 }, (_, id) => ({ id, part: `p${id % 500}`, bytes: 6000 }));
  const files = await assertWritten(t, { rows, partitionBy: ["part"] });
  assert.equal(files.length, 500);
});

test("partition values stay apart, whatever stands in them", async (t) => {
  const { duckdb, folder } = await openSmall(t);
  const text = fc.oneof(fc.constantFrom(null, "", "-", "1:", "1:a", "a", "A", "=", "/", "é"), fc.string());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 30 }), async (pairs) => {
      const values = pairs.map(([a, b]) => ({ a: safe(a), b: safe(b) }));
      const files = await writeParquet({
        duckdb,
        select: `SELECT x.id, x.a, x.b FROM (SELECT unnest(from_json('${sqlText(JSON.stringify(values.map((value, id) => ({ id, ...value }))))}', '[{"id":"BIGINT","a":"VARCHAR","b":"VARCHAR"}]')) AS x)`,
        schema: {
          type: "struct",
          fields: [nullableField("id", "long"), nullableField("a", "string"), nullableField("b", "string")],
        },
        partitionBy: ["a", "b"],
        folder,
        maxPartitions: 100,
      });
      const written = files.map(({ partition, rows }) => [partition["a"], partition["b"], rows] as const);
      const expected = [
        ...Map.groupBy(values, ({ a, b }) => JSON.stringify([a === "" ? null : a, b === "" ? null : b])),
      ].map(([key, rows]) => [...(JSON.parse(key) as [string | null, string | null]), rows.length] as const);
      assert.deepEqual(new Set(written.map(String)), new Set(expected.map(String)));
      assert.equal(written.length, expected.length);
    }),
    { numRuns: 30 },
  );
});

/** A lone half of a surrogate pair is no text of DuckDB's, and a zero in it none of its JSON. */
function safe(text: string | null): string | null {
  return text === null ? null : text.toWellFormed().replaceAll("\0", "0");
}

function sqlText(text: string): string {
  return text.replaceAll("'", "''");
}

interface Row {
  readonly id: number;
  readonly part: string;
  readonly bytes: number;
}

async function assertWritten(
  t: TestContext,
  { rows, partitionBy }: { readonly rows: readonly Row[]; readonly partitionBy: readonly string[] },
): Promise<WrittenFile[]> {
  const { duckdb, folder } = await openSmall(t);
  const path = join(folder, "rows.json");
  const file = openSync(path, "wx");
  for (const { id, part, bytes } of rows) {
    const text = String(id)
      .padStart(10, "0")
      .repeat(bytes / 10);
    writeSync(file, `{"id":${id},"part":"${part}","text":"${text}"}\n`);
  }
  closeSync(file);
  const files = await writeParquet({
    duckdb,
    select: `SELECT * FROM read_json(${pathsArgument([path])}, format = 'newline_delimited', records = true,
      maximum_object_size = ${4 * MIB}, columns = ${columnsArgument(SCHEMA)})`,
    schema: SCHEMA,
    partitionBy,
    folder,
    maxPartitions: 1000,
  });
  const [found] = await duckdb.rows(
    `SELECT count(DISTINCT id) AS ids, count(*) AS rows, count(*) FILTER (text = repeat(lpad(CAST(id AS VARCHAR), 10, '0'), ${rows[0]!.bytes / 10})) AS whole
      FROM read_parquet(${pathsArgument(files.map((written) => written.path))}, hive_partitioning = false)`,
    "read what was written",
  );
  const count = String(rows.length);
  assert.deepEqual(found, { ids: count, rows: count, whole: count });
  return files;
}

async function openSmall(t: TestContext): Promise<{ readonly duckdb: Duckdb; readonly folder: string }> {
  const folder = temporaryFolder(t);
  const instance = await openDuckdb({
    memoryBytes: 256 * MIB,
    threads: 2,
    spillFolder: join(folder, "spill"),
    spillBytes: 40256 * MIB,
  });
  const duckdb = await instance.session();
  t.after(() => {
    duckdb.close();
    instance.close();
  });
  return { duckdb, folder };
}
