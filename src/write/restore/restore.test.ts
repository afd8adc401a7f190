import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { agingTable } from "../../../test/support/aging-table.ts";
import { checkedFolder } from "../../../test/support/checked-folder.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import { commitKey } from "../../delta/log-files.ts";
import { openTable, type WritableTable } from "../open-table.ts";

function opened(t: TestContext, folder: string): WritableTable {
  const table = openTable(folder, { threads: 1, memory: "256m" });
  t.after(() => table.close());
  return table;
}

async function idsOf(table: WritableTable, version?: number): Promise<number[]> {
  const ids: number[] = [];
  const snapshot = await table.snapshot({ version });
  for await (const batch of snapshot.scan({ columns: ["id"] }))
    for (const { id } of batch.rows()) ids.push(Number(id));
  return ids.sort((a, b) => a - b);
}

test("the table is what it was, by a commit in Spark's words, and may go back from there", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { ids } = await agingTable(folder);
  const table = opened(t, folder);
  await table.setProperties({ mine: "new" });
  const restored = await table.restore({ version: 1 });
  assert.deepEqual([restored!.version, await idsOf(table)], [5, ids[1]]);
  const { properties } = await table.snapshot();
  assert.equal(properties["mine"], undefined);
  const [commit] = await table.history({ limit: 1 });
  assert.deepEqual(
    [commit!.operation, commit!.operationParameters, commit!.isBlindAppend],
    ["RESTORE", { version: 1, timestamp: null }, false],
  );
  const { numRestoredFiles, numRemovedFiles, numOfFilesAfterRestore } = restored!.metrics;
  assert.deepEqual([numRestoredFiles, numRemovedFiles, numOfFilesAfterRestore], [2, 1, 3]);
  assert.equal(await table.restore({ version: 1 }), undefined);
  assert.equal((await table.restore({ version: 4 }))!.version, 6);
  assert.deepEqual(await idsOf(table), ids[3]);
  assert.equal((await table.snapshot()).properties["mine"], "new");
  for (const version of [1, 2, 3]) assert.deepEqual(await idsOf(table, version), ids[version]);
  assert.deepEqual((await table.check({ data: true })).findings, []);
});

test("a time names the version, and the commit says the time", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { ids } = await agingTable(folder);
  const table = opened(t, folder);
  const yesterday = new Date(Date.now() - 86_400_000);
  await table.restore({ timestamp: yesterday });
  assert.deepEqual(await idsOf(table), ids[2]);
  const [commit] = await table.history({ limit: 1 });
  assert.deepEqual(commit!.operationParameters, { version: null, timestamp: yesterday.toISOString() });
  await assert.rejects(
    async () => table.restore({}),
    (error) => isLandfallError(error, "USAGE"),
  );
  await assert.rejects(table.restore({ version: 99 }), (error) =>
    isLandfallError(error, "TABLE_VERSION_MISSING"),
  );
});

test("a file that is gone is named, and nothing is restored unless its rows may be left out", async (t) => {
  const folder = join(checkedFolder(t), "table");
  await agingTable(folder);
  rmSync(join(folder, "p=1/a.parquet"));
  const table = opened(t, folder);
  await assert.rejects(
    table.restore({ version: 1 }),
    (error) => isLandfallError(error, "OBJECT_MISSING") && error.message.includes("p=1/a.parquet"),
  );
  assert.equal((await table.snapshot()).version, 3);
  await table.restore({ version: 1, ignoreMissing: true });
  assert.deepEqual(await idsOf(table), [2, 3]);
  assert.doesNotMatch(readFileSync(join(folder, commitKey(4)), "utf8"), /p=1\/a\.parquet/);
});

test("a checkpoint is written when asked, and the table is read from it", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { ids } = await agingTable(folder);
  const { version, numOfAddFiles } = await opened(t, folder).checkpoint();
  assert.deepEqual([version, numOfAddFiles], [3, 2]);
  for (const before of [0, 1, 2]) rmSync(join(folder, commitKey(before)));
  assert.deepEqual(await idsOf(opened(t, folder)), ids[3]);
});
