import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { madeTable } from "../../test/support/made-table.ts";

test("checkpoints of one process, each made of the rows of the one before, hold what the commits make", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, part STRING",
    partitionBy: ["part"],
    properties: { "delta.checkpointInterval": "2", "delta.enableDeletionVectors": "true" },
  });
  const rowsFrom = (first: number): { id: number; part: string }[] =>
    Array.from({ length: 20 }, (_, i) => ({ id: first + i, part: i % 2 === 0 ? "a" : "b%" }));
  await table.append(rowsFrom(0));
  await table.append(rowsFrom(20));
  await table.delete({ where: "id = 3" });
  await table.append(rowsFrom(40));
  await table.delete({ where: "id % 7 = 4" });
  await table.update({ set: { part: "'c'" }, where: "id = 21" });
  await table.setProperties({ owner: "me" });
  await table.optimize();
  // Of those that run at once the rows serve one at the most.
  await Promise.all([60, 80, 100, 120, 140].map((first) => table.append(rowsFrom(first))));
  await table.delete({ where: "part = 'a'" });
  const { version } = await table.snapshot();
  const log = readdirSync(join(table.location, "_delta_log"));
  const checkpoints = log.filter((name) => name.endsWith(".checkpoint.parquet"));
  assert.ok(checkpoints.length >= 5, checkpoints.join());
  for (let at = 2; at <= version; at += 2)
    assert.deepEqual((await table.check({ version: at })).findings, [], `version ${at}`);
});
