import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import { createTable, type CreateTableOptions } from "./create-table.ts";
import type { WritableTable } from "./open-table.ts";

const LIMITS = { threads: 2, memory: "512m" };

async function made(t: TestContext, options: CreateTableOptions): Promise<WritableTable> {
  const table = await createTable(join(temporaryFolder(t), "table"), { ...LIMITS, ...options });
  t.after(() => table.close());
  return table;
}

async function lines(table: WritableTable): Promise<string[]> {
  const rows: string[] = [];
  for await (const batch of (await table.snapshot()).scan())
    for (const row of batch.rows()) rows.push(Object.values(row).map(String).join(" "));
  return rows.sort();
}

function dataFiles(table: WritableTable): string[] {
  return readdirSync(table.location, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".parquet"),
  );
}

function violates(text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isLandfallError(error, "CONSTRAINT_VIOLATED"), String(error));
    assert.match((error as LandfallError).message, text);
    return true;
  };
}

test("a row that breaks a constraint is named with it, and nothing is written", async (t) => {
  const table = await made(t, { schema: "id BIGINT, price INT", constraints: { Positive: "price > 0" } });
  await table.append([{ id: 1, price: 2 }]);
  const files = dataFiles(table);
  for (const price of [0, null])
    await assert.rejects(
      table.append([
        { id: 2, price: 1 },
        { id: 3, price },
      ]),
      violates(new RegExp(`the CHECK constraint positive \\(price > 0\\) .*"price":${price}`)),
    );
  await assert.rejects(table.overwrite([{ id: 3, price: -1 }]), violates(/positive/));
  await assert.rejects(table.update({ set: { price: "price - 2" } }), violates(/positive/));
  await table.update({ set: { price: "price + 2" } });
  assert.deepEqual([await lines(table), files.length], [["1 4"], 1]);
});
