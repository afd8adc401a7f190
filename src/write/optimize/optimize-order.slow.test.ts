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

test("files in the order of a column follow each other, however busy the machine is", async (t) => {
  const tables = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { table, put } = await tableOfFiles(t, "id BIGINT, x INT");
      await put("SELECT i AS id, (i * 7919 % 1000003)::INT AS x FROM range(1000000) r(i)");
      return table;
    }),
  );
  await Promise.all(tables.map((table) => table.optimize({ zOrderBy: ["x"], targetFileSize: "300k" })));
  for (const table of tables) {
    const { files } = await (await table.snapshot()).files();
    const ranges = files
      .map(
        ({ statistics }) =>
          [Number(statistics!.minValues!["x"]), Number(statistics!.maxValues!["x"])] as const,
      )
      .sort(([one], [other]) => one - other);
    assert.ok(ranges.length >= 4, `${ranges.length} files`);
    for (const [i, [least]] of ranges.entries())
      assert.ok(i === 0 || least >= ranges[i - 1]![1], JSON.stringify(ranges));
  }
});
