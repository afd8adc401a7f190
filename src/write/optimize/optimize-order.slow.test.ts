import assert from "node:assert/strict";
import { test } from "node:test";
import { idsOf, tableOfFiles } from "../../../test/support/table-of-files.ts";

test("rows along a Z-curve: a condition on any of its columns opens fewer files", async (t) => {
  const { table, put } = await tableOfFiles(t, "id BIGINT, x INT, y INT");
  await put(
    "SELECT i AS id, (i * 7919 % 100003)::INT AS x, (i * 104729 % 99991)::INT AS y FROM range(400000) r(i)",
  );
  const before = await idsOf(table, "x < 50");
  const skippedBy = async (where: string): Promise<number> =>
    (await (await table.snapshot()).files({ where })).skipped.files;
  const done = await table.optimize({ zOrderBy: ["x", "y"], targetFileSize: "500k" });
  assert.ok(done.filesAdded >= 3, `${done.filesAdded} files`);
  assert.deepEqual(await idsOf(table, "x < 50"), before);
  assert.ok((await skippedBy("y < 50")) > 0);
  assert.ok((await skippedBy("x < 50 AND y > 60000")) > 0);
  assert.ok((await skippedBy("x > 60000 AND y < 50")) > 0);
});
