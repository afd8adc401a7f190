import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { arbitraryRows } from "../../test/support/arbitrary-rows.ts";
import { checkedFolder } from "../../test/support/checked-folder.ts";
import { LIMITS, madeTable } from "../../test/support/made-table.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { createTable } from "./create-table.ts";
import { openTable, type WritableTable } from "./open-table.ts";

async function rowsOf(table: WritableTable): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const batch of (await table.snapshot()).scan()) rows.push(...batch.rows());
  // Structs come without a prototype.
  return structuredClone(rows).sort((a, b) => Number(a["id"]) - Number(b["id"]));
}

/** Data files, whatever the folder that they lie in. */
function dataFiles(table: WritableTable): string[] {
  return readdirSync(table.location, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".parquet"),
  );
}

for (const isPartitioned of [false, true]) {
  test(`any rows come out as they went in, ${isPartitioned ? "with" : "without"} partitions`, async (t) => {
    const table = await madeTable(t, { schema: "i INT, at TIMESTAMP_NTZ" });
    await fc.assert(
      fc.asyncProperty(arbitraryRows(), async ({ ddl, plain, rows }) => {
        const partitionBy = isPartitioned ? plain.slice(0, 2) : [];
        const schema = `i INT, ${ddl}`;
        const given = structuredClone(rows.map((row, i) => ({ i, ...row })));
        const half = given.length >> 1;
        await table.overwrite(given.slice(0, half), { schema, partitionBy, overwriteSchema: true });
        await table.append(given.slice(half));
        const found = (await rowsOf(table)).sort((a, b) => Number(a["i"]) - Number(b["i"]));
        assert.deepEqual(
          found,
          given.map((row) => stored(row, partitionBy)),
        );
        const counted = await (await table.snapshot()).files();
        const told = counted.files.map(({ statistics }) => statistics?.numRecords ?? NaN);
        assert.equal(
          told.reduce((sum, count) => sum + count, 0),
          rows.length,
        );
      }),
      { numRuns: 15 },
    );
  });
}

/** PROTOCOL.md, "Partition Value Serialization": an empty text is null; -0.0 is kept. */
function stored(row: Record<string, unknown>, partitionBy: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      partitionBy.includes(name) && value === "" ? null : value,
    ]),
  );
}

test("a row that does not fit is named, and nothing of its write is left", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT NOT NULL, city STRING" });
  const rows = [{ id: 1 }, { id: 2, city: 7 }];
  await assert.rejects(
    table.append(rows),
    (error) =>
      isLandfallError(error, "ROW_MISFIT") && /Row 2, column city: 7 is no STRING/.test(error.message),
  );
  await assert.rejects(table.append([{ city: "x" }]), /Row 1, column id: it must not be null/);
  assert.deepEqual([dataFiles(table), (await table.snapshot()).version], [[], 0]);
});

test("what the rows' own code throws ends the write, and no rows are no version", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT" });
  async function* failing(): AsyncGenerator<{ id: number }> {
    yield { id: 1 };
    await Promise.reject(new RangeError("the source is gone"));
  }
  await assert.rejects(table.append(failing()), RangeError);
  assert.equal(await table.append([]), undefined);
  await assert.rejects(table.append(5 as never), (error) => isLandfallError(error, "USAGE"));
  assert.deepEqual([dataFiles(table), (await table.snapshot()).version], [[], 0]);
});

test("a transaction is written once, however often it is tried", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT" });
  const write = (version: number): ReturnType<WritableTable["append"]> =>
    table.append([{ id: version }], { txn: { appId: "loader", version } });
  assert.equal((await write(1))?.version, 1);
  assert.equal(await write(1), undefined);
  assert.equal((await write(3))?.version, 2);
  assert.equal(await write(2), undefined);
  await using again = openTable(table.location);
  assert.equal(await again.append([{ id: 3 }], { txn: { appId: "loader", version: 3 } }), undefined);
  assert.deepEqual(
    (await rowsOf(table)).map(({ id }) => id),
    [1n, 3n],
  );
});

test("Parquet files and scans go in by the names of their columns, in types that hold their values", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, amount DECIMAL(10,2), at TIMESTAMP, tags ARRAY<STRING>",
  });
  const path = join(checkedFolder(t), "a [1].parquet");
  await writeParquetFile(path, "SELECT 1.5::DECIMAL(4,1) AS AMOUNT, 7::SMALLINT AS id, ['x', NULL] AS tags");
  await table.append({ parquet: path });
  const other = await madeTable(t, { schema: "id INT, amount DECIMAL(3,2), more STRING" });
  await other.append([
    { id: 1, amount: "1.25" },
    { id: 2, more: "x" },
  ]);
  const { version } = await other.snapshot();
  await table.append(
    (await other.snapshot({ version })).scan({ columns: ["amount", "id"], where: "t.id < 2" }),
  );
  assert.deepEqual(await rowsOf(table), [
    { id: 1n, amount: "1.25", at: null, tags: null },
    { id: 7n, amount: "1.50", at: null, tags: ["x", null] },
  ]);
  await assert.rejects(
    table.append((await other.snapshot()).scan()),
    (error) => isLandfallError(error, "TABLE_SCHEMA_CONFLICT") && /no column more/.test(error.message),
  );
  await assert.rejects(
    other.append((await table.snapshot()).scan({ columns: ["id"] })),
    (error) =>
      isLandfallError(error, "TABLE_SCHEMA_CONFLICT") && /id of the rows is BIGINT/.test(error.message),
  );
  await writeParquetFile(path, "SELECT [{'at': '2021-01-01'::TIMESTAMP_NS}] AS tags");
  await assert.rejects(table.append({ parquet: path }), /The column tags\.element\.at of .* nanoseconds/);
  await assert.rejects(table.append({ parquet: `${path}x` }), (error) =>
    isLandfallError(error, "SOURCE_MISSING"),
  );
});

test("a column that must not be null takes rows that are not null in it, wherever they come from", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT NOT NULL, s STRUCT<a: INT NOT NULL>" });
  await table.append([
    { id: 1, s: { a: 1 } },
    { id: 2, s: { a: 2 } },
  ]);
  await table.append((await table.snapshot()).scan());
  const path = join(checkedFolder(t), "a.parquet");
  const parquetOf = (id: string): Promise<void> =>
    writeParquetFile(path, `SELECT CAST(${id} AS BIGINT) AS id, {'a': 3::INTEGER} AS s`);
  const refused =
    (column: string) =>
    (error: unknown): boolean =>
      isLandfallError(error, "CONSTRAINT_VIOLATED") && error.message.includes(`NOT NULL of ${column} of`);
  await parquetOf("NULL");
  await assert.rejects(table.append({ parquet: path }), refused("id"));
  await assert.rejects(table.append([{}], { schema: "id BIGINT" }), refused("id"));
  // As Spark has it, a struct that is null has no field that is not.
  await assert.rejects(table.append([{ id: 3 }]), refused("s.a"));
  await parquetOf("3");
  await table.append({ parquet: path });
  assert.deepEqual(
    (await rowsOf(table)).map(({ id }) => id),
    [1n, 1n, 2n, 2n, 3n],
  );
});

test("with mergeSchema the table gets the columns and fields that only the rows have", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT, s STRUCT<a: INT>" });
  await table.append([{ id: 1, s: { a: 1 } }]);
  await table.append([{ id: 2, s: { a: 2, b: "x" }, city: "Oslo" }], {
    schema: "id BIGINT, s STRUCT<a: INT, b: STRING>, city STRING NOT NULL",
    mergeSchema: true,
  });
  const rows = await rowsOf(table);
  assert.deepEqual(
    rows.map((row) =>
      JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
    ),
    ['{"id":1,"s":{"a":1,"b":null},"city":null}', '{"id":2,"s":{"a":2,"b":"x"},"city":"Oslo"}'],
  );
  const { schema } = await table.snapshot();
  assert.equal(
    schema.fields.every(({ nullable }) => nullable),
    true,
  );
});

test("eight writers at once: every row is there once, and versions have no gap", async (t) => {
  const table = await madeTable(t, { schema: "writer INT, n INT" });
  const writers = [0, 1, 2, 3].map(() => openTable(table.location, { threads: 1, memory: "256m" }));
  const versions = await Promise.all(
    writers.flatMap((one, writer) => [0, 1].map(async (n) => (await one.append([{ writer, n }]))!.version)),
  );
  await Promise.all(writers.map((one) => one.close()));
  assert.deepEqual(
    versions.sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  const rows = (await rowsOf(table)).map(({ writer, n }) => `${String(writer)} ${String(n)}`).sort();
  assert.deepEqual(rows, ["0 0", "0 1", "1 0", "1 1", "2 0", "2 1", "3 0", "3 1"]);
});

test("what a commit says of an append", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT, day DATE", partitionBy: ["day"] });
  await table.append([{ id: 1, day: "2021-01-01" }]);
  const [append, create] = await table.history();
  assert.deepEqual(
    [append!.operation, append!.operationParameters, append!.isBlindAppend, create!.operation],
    ["WRITE", { mode: "Append", partitionBy: '["day"]' }, true, "CREATE TABLE"],
  );
});

test("a table is made once", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT" });
  const again = { schema: "id INT", ...LIMITS };
  await assert.rejects(createTable(table.location, again), (error) => isLandfallError(error, "TABLE_EXISTS"));
  await using same = await createTable(table.location, { ...again, ifNotExists: true });
  assert.equal((await same.snapshot()).schema.fields[0]!.type, "long");
  await assert.rejects(
    createTable(join(checkedFolder(t), "odd"), { schema: "`a;b` INT", ...LIMITS }),
    (error) => isLandfallError(error, "TABLE_SCHEMA_CONFLICT"),
  );
  const folder = join(checkedFolder(t), "raced");
  const tries = await Promise.allSettled([1, 2, 3].map(() => createTable(folder, again)));
  const winners = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  await Promise.all(winners.map((one) => one.close()));
  assert.equal(winners.length, 1);
});
