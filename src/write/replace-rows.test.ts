import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { createTable, type CreateTableOptions } from "./create-table.ts";
import type { WritableTable } from "./open-table.ts";

async function made(t: TestContext, options: CreateTableOptions): Promise<WritableTable> {
  const place = join(temporaryFolder(t), "table");
  const table = await createTable(place, { threads: 2, memory: "512m", ...options });
  t.after(() => table.close());
  return table;
}

async function lines(rows: AsyncIterable<{ rows(): Iterable<Record<string, unknown>> }>): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of rows)
    for (const row of batch.rows()) found.push(Object.values(row).map(String).join(" "));
  return found.sort();
}

const rowsOf = async (table: WritableTable): Promise<string[]> => lines((await table.snapshot()).scan());

for (const vectors of [true, false])
  test(`rows for which the condition is true are replaced, ${vectors ? "marked by vectors" : "the rest written anew"}`, async (t) => {
    const table = await made(t, {
      schema: "id BIGINT, city STRING",
      properties: {
        "delta.enableChangeDataFeed": "true",
        ...(vectors ? { "delta.enableDeletionVectors": "true" } : {}),
      },
    });
    await table.append([1, 2, 3, 4, 5].map((id) => ({ id, city: "Oslo" })));
    const written = await table.overwrite([{ id: 4, city: "Rome" }, { id: 9 }], {
      replaceWhere: "t.id >= 4 -- so",
    });
    assert.deepEqual(await rowsOf(table), ["1 Oslo", "2 Oslo", "3 Oslo", "4 Rome", "9 null"]);
    assert.equal(written!.metrics["numOutputRows"], 2);
    const changes = table.changes({ from: 2, columns: ["id", "city", "_change_type"] });
    assert.deepEqual(await lines(changes), [
      "4 Oslo delete",
      "4 Rome insert",
      "5 Oslo delete",
      "9 null insert",
    ]);
    const [last] = await table.history();
    assert.deepEqual(
      [last!.operation, last!.operationParameters!["predicate"]],
      ["WRITE", "t.id >= 4 -- so"],
    );
  });

test("a new row that does not meet the condition is named, and nothing is left", async (t) => {
  const table = await made(t, { schema: "id BIGINT, city STRING" });
  await table.append([{ id: 1, city: "Oslo" }]);
  const before = readdirSync(table.location);
  for (const id of [7, null])
    await assert.rejects(
      table.overwrite([{ id: 1 }, { id }], { replaceWhere: "id < 5" }),
      (error) =>
        isLandfallError(error, "CONSTRAINT_VIOLATED") &&
        error.message.includes(`replaceWhere (id < 5)`) &&
        error.message.includes(`"id":${id}`),
    );
  await assert.rejects(table.overwrite([], { replaceWhere: "nothing < 5" }), (error) =>
    isLandfallError(error, "QUERY_INVALID"),
  );
  await assert.rejects(table.overwrite([], { replaceWhere: "id < 5", partitions: "dynamic" }), (error) =>
    isLandfallError(error, "USAGE"),
  );
  assert.deepEqual(readdirSync(table.location), before);
  assert.equal(await table.overwrite([], { replaceWhere: "id > 5" }), undefined);
  assert.equal((await table.overwrite([], { replaceWhere: "id < 5" }))!.version, 2);
  assert.deepEqual(await rowsOf(table), []);
});

test("partitions of which every row goes are not opened, and columns are added on the way", async (t) => {
  const table = await made(t, {
    schema: "id BIGINT, day STRING",
    partitionBy: ["day"],
    properties: { "delta.enableChangeDataFeed": "true" },
  });
  await table.append([
    { id: 1, day: "a" },
    { id: 2, day: "b" },
  ]);
  const [whole] = readdirSync(join(table.location, "day=a"));
  writeFileSync(join(table.location, "day=a", whole!), "no Parquet");
  await table.overwrite([{ id: 3, day: "a", city: "Oslo" }], {
    replaceWhere: "day = 'a'",
    schema: "id BIGINT, day STRING, city STRING",
    mergeSchema: true,
  });
  assert.deepEqual(await rowsOf(table), ["2 b null", "3 a Oslo"]);
});

test("of two that replace the same rows at once each leaves its own or none: none is doubled", async (t) => {
  const table = await made(t, { schema: "id BIGINT, by BIGINT" });
  await table.append([{ id: 1 }, { id: 2 }]);
  await Promise.all([10, 20, 30].map((by) => table.overwrite([{ id: 1, by }], { replaceWhere: "id = 1" })));
  const rows = await rowsOf(table);
  assert.equal(rows.length, 2, rows.join());
});
