import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isLandfallError, type LandfallError } from "../../base/landfall-error.ts";
import { createTable, type CreateTableOptions } from "../create-table.ts";
import type { WritableTable } from "../open-table.ts";

async function made(t: TestContext, options: CreateTableOptions): Promise<WritableTable> {
  const place = join(temporaryFolder(t), "table");
  const table = await createTable(place, { threads: 2, memory: "512m", ...options });
  t.after(() => table.close());
  return table;
}

function refused(code: LandfallError["code"], text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isLandfallError(error, code), String(error));
    assert.match(error.message, text);
    return true;
  };
}

test("a constraint is added where the rows meet it, and goes again", async (t) => {
  const table = await made(t, { schema: "id BIGINT, price INT" });
  await table.append([
    { id: 1, price: 5 },
    { id: 2, price: -5 },
  ]);
  await assert.rejects(
    table.addConstraint("Positive", "price > 0"),
    refused("CONSTRAINT_VIOLATED", /positive \(price > 0\).*"price":-5/),
  );
  await table.update({ set: { price: "3" }, where: "id = 2" });
  await table.addConstraint("Positive", "price > 0");
  const snapshot = await table.snapshot();
  assert.equal(snapshot.properties["delta.constraints.positive"], "price > 0");
  assert.ok(snapshot.protocol.writerFeatures?.includes("checkConstraints"));
  const [last] = await table.history();
  assert.deepEqual(
    [last!.operation, last!.operationParameters],
    ["ADD CONSTRAINT", { name: "Positive", expr: "price > 0" }],
  );
  await assert.rejects(table.append([{ id: 3, price: 0 }]), refused("CONSTRAINT_VIOLATED", /positive/));
  await assert.rejects(
    table.addConstraint("POSITIVE", "id > 0"),
    refused("TABLE_SCHEMA_CONFLICT", /already/),
  );
  await assert.rejects(table.addConstraint("odd", "hash(id) > 0"), refused("EXPRESSION_UNKNOWN", /odd/));
  await assert.rejects(table.dropConstraint("odd"), refused("TABLE_SCHEMA_CONFLICT", /no constraint odd/));
  await table.dropConstraint("positive");
  await table.append([{ id: 3, price: 0 }]);
  assert.equal(await (await table.snapshot()).count(), 3);
});

test("rows that are appended while a constraint is added meet it, or it is not there", async (t) => {
  const table = await made(t, {
    schema: "price INT",
    properties: { "delta.isolationLevel": "WriteSerializable" },
  });
  await table.append([{ price: 1 }]);
  const ends = await Promise.allSettled([
    table.addConstraint("positive", "price > 0"),
    ...[-1, 2, -3].map((price) => table.append([{ price }])),
  ]);
  const isThere = ends[0].status === "fulfilled";
  let negative = 0;
  for await (const batch of (await table.snapshot()).scan({ where: "price <= 0" }))
    negative += batch.rowCount;
  assert.equal((await table.snapshot()).properties["delta.constraints.positive"] !== undefined, isThere);
  if (isThere) assert.equal(negative, 0);
  else assert.ok(negative > 0);
});

test("null is no more allowed where no row is null, at the top and in a struct", async (t) => {
  const table = await made(t, { schema: "id BIGINT, s STRUCT<a: INT>, l ARRAY<STRUCT<b: INT>>" });
  await table.append([{ id: 1, s: { a: 1 } }, { s: {} }]);
  await assert.rejects(
    table.alterColumn("id", { nullable: false }),
    refused("CONSTRAINT_VIOLATED", /NOT NULL of id/),
  );
  await assert.rejects(
    table.alterColumn(["s", "a"], { nullable: false }),
    refused("CONSTRAINT_VIOLATED", /NOT NULL of s\.a/),
  );
  await assert.rejects(
    table.alterColumn(["l", "element", "b"], { nullable: false }),
    refused("TABLE_SCHEMA_CONFLICT", /l\.element\.b cannot be NOT NULL/),
  );
  await table.delete({ where: "id IS NULL" });
  await table.alterColumn("id", { nullable: false });
  await table.alterColumn(["s", "a"], { nullable: false });
  await assert.rejects(table.append([{ id: 2 }]), refused("CONSTRAINT_VIOLATED", /NOT NULL of s\.a/));
  await assert.rejects(table.append([{ s: { a: 1 } }]), refused("ROW_MISFIT", /column id/));
});

test("a default counts for rows from then on", async (t) => {
  const table = await made(t, { schema: "id BIGINT, state STRING" });
  await table.append([{ id: 1 }]);
  await table.alterColumn("state", { default: "'new'" });
  assert.ok((await table.snapshot()).protocol.writerFeatures?.includes("allowColumnDefaults"));
  await table.append([{ id: 2 }]);
  await table.alterColumn("state", { default: null });
  await table.append([{ id: 3 }]);
  const rows: unknown[] = [];
  for await (const batch of (await table.snapshot()).scan())
    for (const row of batch.rows()) rows.push([row["id"], row["state"]]);
  assert.deepEqual(
    rows.sort((a, b) => Number((a as unknown[])[0]) - Number((b as unknown[])[0])),
    [
      [1n, null],
      [2n, "new"],
      [3n, null],
    ],
  );
  await assert.rejects(
    table.alterColumn("id", { default: "hash(1)" }),
    refused("EXPRESSION_UNKNOWN", /the default of the column id/),
  );
});
