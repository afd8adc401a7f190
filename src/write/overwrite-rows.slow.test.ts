import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf, madeTable } from "../../test/support/made-table.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { openTable } from "./open-table.ts";

test("all rows are replaced, and what was there stays in its version", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT, city STRING" });
  await table.append([{ id: 1, city: "Oslo" }]);
  const written = await table.overwrite([{ id: 2 }, { id: 3 }]);
  assert.deepEqual([written!.metrics["numRemovedFiles"], await linesOf(table)], [1, ["2 null", "3 null"]]);
  assert.equal(await (await table.snapshot({ version: 1 })).count(), 1);
  const [last] = await table.history();
  assert.deepEqual(
    [last!.operation, last!.operationParameters!["mode"], last!.isBlindAppend],
    ["WRITE", "Overwrite", false],
  );
  await table.overwrite([]);
  assert.deepEqual(await linesOf(table), []);
});

test("a table's own rows may be put in the place of themselves", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT" });
  await table.append([1, 2, 3].map((id) => ({ id })));
  await table.overwrite((await table.snapshot()).scan({ where: "id <> 2" }));
  assert.deepEqual(await linesOf(table), ["1", "3"]);
});

test("dynamic: the partitions of the rows are replaced, null among them, and no other", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, day DATE, city STRING",
    partitionBy: ["day", "city"],
  });
  await table.append([
    { id: 1, day: "2021-01-01", city: "Oslo" },
    { id: 2, day: "2021-01-01", city: "Rome" },
    { id: 3, day: null, city: "Oslo" },
  ]);
  await table.overwrite(
    [
      { id: 4, day: "2021-01-01", city: "Oslo" },
      { id: 5, day: null, city: "Oslo" },
      { id: 6, day: null, city: "" },
    ],
    { partitions: "dynamic" },
  );
  assert.deepEqual(await linesOf(table), ["2 18628 Rome", "4 18628 Oslo", "5 null Oslo", "6 null null"]);
  assert.equal(await table.overwrite([], { partitions: "dynamic" }), undefined);
});

test("a partition's text may hold anything, NUL among it", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT, part STRING", partitionBy: ["part"] });
  const parts = ["\0", "a\0'b", "%00", "'"];
  await table.append(parts.map((part, id) => ({ id, part })));
  assert.deepEqual(
    await linesOf(table),
    parts.map((part, id) => `${id} ${part}`),
  );
});

test("with overwriteSchema the table has the columns of the rows, and another partitioning where one is said", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT NOT NULL, city STRING", partitionBy: ["city"] });
  await table.append([{ id: 1, city: "Oslo" }]);
  await assert.rejects(
    table.overwrite([{ at: "2021-01-01T00:00:00" }], { schema: "at TIMESTAMP_NTZ" }),
    (error) => isLandfallError(error, "TABLE_SCHEMA_CONFLICT"),
  );
  const schema = "at TIMESTAMP_NTZ COMMENT 'when', n INT";
  await table.overwrite([{ at: "2021-01-01T00:00:00", n: 1 }], {
    schema,
    overwriteSchema: true,
    partitionBy: ["n"],
  });
  const { schema: now, partitionColumns, protocol, metadata } = await table.snapshot();
  assert.deepEqual(
    now.fields.map(({ name, type, metadata: own }) => [name, type, own]),
    [
      ["at", "timestamp_ntz", { comment: "when" }],
      ["n", "integer", {}],
    ],
  );
  assert.deepEqual([partitionColumns, protocol.readerFeatures], [["n"], ["timestampNtz"]]);
  assert.equal(metadata.id, (await table.snapshot({ version: 0 })).metadata.id);
  assert.equal((await linesOf(table)).length, 1);
  await assert.rejects(
    table.overwrite([{ "a b": 1 }], { schema: "`a b` INT", overwriteSchema: true, partitionBy: [] }),
    /a character that columns of files may not have/,
  );
});

test("with column mapping files have physical names, and new columns get ids", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT" });
  await table.setProperties({ "delta.columnMapping.mode": "name" });
  await table.overwrite([{ id: 1, "a b": { c: "x" } }], {
    schema: "id BIGINT, `a b` STRUCT<c: STRING>",
    mergeSchema: true,
  });
  await table.renameColumn("a b", "s");
  await table.append([{ id: 2, s: { c: "y" } }]);
  await table.append((await table.snapshot()).scan({ where: "id = 1" }));
  const rows: string[] = [];
  for await (const batch of (await table.snapshot()).scan({ columns: ["id", "s"] }))
    for (const { id, s } of batch.rows()) rows.push(`${Number(id)} ${(s as { c: string }).c}`);
  assert.deepEqual(rows.sort(), ["1 x", "1 x", "2 y"]);
  const { files } = await (await table.snapshot()).files({ where: "s.c = 'y'" });
  assert.deepEqual(
    files.map(({ statistics }) => statistics?.maxValues),
    [{ id: 2, s: { c: "y" } }],
  );
});

test("options that exclude each other, and a table that takes new rows only, are refused", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT", properties: { "delta.appendOnly": "true" } });
  for (const options of [
    { partitions: "static" as never },
    { partitionBy: ["id"] },
    { overwriteSchema: true, mergeSchema: true },
    { overwriteSchema: true, partitions: "dynamic" as const },
  ])
    await assert.rejects(table.overwrite([], options), (error) => isLandfallError(error, "USAGE"));
  await assert.rejects(table.overwrite([{ id: 1 }]), (error) => isLandfallError(error, "TABLE_APPEND_ONLY"));
  await table.append([{ id: 1 }]);
});

test("an overwrite beside appends: it comes before them or after, and leaves no row that it saw", async (t) => {
  const table = await madeTable(t, { schema: "id BIGINT" });
  await table.append([{ id: 0 }]);
  await using other = openTable(table.location, { threads: 1, memory: "256m" });
  const [overwritten, ...appended] = await Promise.all([
    table.overwrite([{ id: 100 }]),
    ...[1, 2, 3].map((id) => other.append([{ id }])),
  ]);
  const later = appended.flatMap((one, i) => (one!.version > overwritten!.version ? [String(i + 1)] : []));
  assert.deepEqual(await linesOf(table), ["100", ...later].sort());
});
