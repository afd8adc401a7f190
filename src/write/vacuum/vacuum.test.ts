import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { agingTable } from "../../../test/support/aging-table.ts";
import { changingTable, metadataOf } from "../../../test/support/changing-table.ts";
import { checkedFolder } from "../../../test/support/checked-folder.ts";
import { onFaultPoint } from "../../base/fault-point.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import type { Action } from "../../delta/actions.ts";
import { serializeCommit } from "../../delta/commit-json.ts";
import { commitKey } from "../../delta/log-files.ts";
import { readCommit } from "../../delta/log-storage.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { openTable, type WritableTable } from "../open-table.ts";

function opened(t: TestContext, folder: string): WritableTable {
  const table = openTable(folder, { threads: 1, memory: "256m" });
  t.after(() => table.close());
  return table;
}

const filesIn = (folder: string): string[] =>
  globSync("**/*", { cwd: folder })
    .filter((path) => !path.startsWith("_delta_log") && statSync(join(folder, path)).isFile())
    .sort();

async function idsOf(table: WritableTable, version?: number): Promise<number[]> {
  const ids: number[] = [];
  const snapshot = await table.snapshot({ version });
  for await (const batch of snapshot.scan({ columns: ["id"] }))
    for (const { id } of batch.rows()) ids.push(Number(id));
  return ids.sort((a, b) => a - b);
}

test("what no version of the last week needs goes, with folders that it leaves empty; all that is needed is read as before", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { ids, gone } = await agingTable(folder);
  const before = filesIn(folder);
  const table = opened(t, folder);
  const dry = await table.vacuum({ dryRun: true });
  assert.deepEqual([dry.files, filesIn(folder)], [gone, before]);
  assert.equal((await table.snapshot()).version, 3);
  const done = await table.vacuum();
  assert.deepEqual([done.files, done.version, done.folders], [gone, 5, 2]);
  assert.deepEqual(
    filesIn(folder),
    before.filter((path) => !gone.includes(path)),
  );
  assert.deepEqual([existsSync(join(folder, "p=9")), existsSync(join(folder, "p=2"))], [false, true]);
  for (const version of [2, 3, 5]) assert.deepEqual(await idsOf(table, version), ids[version] ?? ids[3]);
  assert.deepEqual((await table.check({ data: true })).findings, []);
  const again = await table.vacuum();
  assert.deepEqual([again.files, again.version, (await table.snapshot()).version], [[], undefined, 5]);
});

test("two commits tell of it as Spark does", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { gone } = await agingTable(folder);
  const size = gone.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
  const table = opened(t, folder);
  await table.vacuum({ retention: "8 days" });
  const storage = localStorage({ root: folder });
  const said = await Promise.all(
    [4, 5].map(async (version) => {
      const commit = await readCommit({ storage, version });
      const { operation, operationParameters, operationMetrics, isBlindAppend } = commit!.commitInfo!;
      assert.deepEqual([commit!.actions.length, isBlindAppend], [1, false]);
      return [operation, operationParameters, operationMetrics];
    }),
  );
  assert.deepEqual(said, [
    [
      "VACUUM START",
      {
        retentionCheckEnabled: true,
        defaultRetentionMillis: 604_800_000,
        specifiedRetentionMillis: 691_200_000,
      },
      { numFilesToDelete: "3", sizeOfDataToDelete: String(size) },
    ],
    ["VACUUM END", { status: "COMPLETED" }, { numDeletedFiles: "3", numVacuumedDirectories: "5" }],
  ]);
});

test("by the log alone files go that it names, and others stay", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { gone, orphans } = await agingTable(folder);
  const { files } = await opened(t, folder).vacuum({ mode: "lite" });
  assert.deepEqual(
    files,
    gone.filter((path) => !orphans.includes(path)),
  );
  for (const path of orphans) assert.ok(existsSync(join(folder, path)));
});

test("a retention below the table's is refused, and kept to where it is forced", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { gone } = await agingTable(folder);
  const table = opened(t, folder);
  const before = filesIn(folder);
  await assert.rejects(
    table.vacuum({ retention: "6 days" }),
    (error) => isLandfallError(error, "USAGE") && /144 hours is below .* \(168 hours\)/.test(error.message),
  );
  await assert.rejects(table.vacuum({ retention: "soon" }), (error) => isLandfallError(error, "USAGE"));
  assert.deepEqual(filesIn(folder), before);
  // What was needed half an hour ago: the file that went an hour ago was not.
  const { files } = await table.vacuum({ retention: "30 min", retentionCheck: false });
  assert.deepEqual(files, [...gone, "p=2/c.parquet"].sort());
  assert.ok(existsSync(join(folder, "p=1/young.parquet")));
});

test("the table's own retention counts, and one that nobody understands is refused", async (t) => {
  const kept = join(checkedFolder(t), "table");
  await agingTable(kept, { configuration: { "delta.deletedFileRetentionDuration": "interval 20 days" } });
  assert.deepEqual((await opened(t, kept).vacuum()).files, []);
  const odd = join(checkedFolder(t), "table");
  await agingTable(odd, { configuration: { "delta.deletedFileRetentionDuration": "a while" } });
  await assert.rejects(opened(t, odd).vacuum(), (error) => isLandfallError(error, "USAGE"));
});

test("a retention longer than the table's keeps files whose tombstones the checkpoint has left out", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { gone, orphans } = await agingTable(folder);
  const table = opened(t, folder);
  await table.checkpoint();
  const { files } = await table.vacuum({ retention: "11 days" });
  assert.deepEqual(files, []);
  const { files: after } = await table.vacuum({ retention: "9 days" });
  assert.deepEqual(after, gone);
  assert.ok(orphans.every((path) => !existsSync(join(folder, path))));
});

test("files that a restore brings back between the plan and the deletion stay", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const { gone } = await agingTable(folder);
  const storage = localStorage({ root: folder });
  const first = await readCommit({ storage, version: 1 });
  const add = first!.actions.find((action): action is Action & { add: object } => "add" in action)!;
  // Another writer's version takes the place of VACUUM START, which comes after it.
  let isTaken = false;
  onFaultPoint((point) => {
    if (point !== "write.before" || isTaken) return;
    isTaken = true;
    const actions: Action[] = [{ commitInfo: { operation: "RESTORE", txnId: "x" } }, add];
    writeFileSync(join(folder, commitKey(4)), serializeCommit(actions));
  });
  t.after(() => onFaultPoint(undefined));
  const { files, version } = await opened(t, folder).vacuum();
  assert.deepEqual([isTaken, files, version], [true, gone.filter((path) => path !== "p=1/a.parquet"), 6]);
  assert.ok(existsSync(join(folder, "p=1/a.parquet")));
});

test("a deletion vector's file goes with the files that it was of, and not before", async (t) => {
  const folder = join(checkedFolder(t), "table");
  const table = changingTable(folder);
  const pathOrInlineDv = "vBn[lx{q8@P<9BNH/isA";
  const key = "deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin";
  const deletionVector = { storageType: "u", pathOrInlineDv, offset: 1, sizeInBytes: 4, cardinality: 1 };
  const a = await table.file("a.parquet", "SELECT 1::BIGINT AS id");
  const file = { ...a, modificationTime: 0, dataChange: true, stats: '{"numRecords":1}' };
  await localStorage({ root: folder }).put(key, "x");
  await table.commit([
    {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["deletionVectors"],
        writerFeatures: ["deletionVectors", "changeDataFeed"],
      },
    },
    metadataOf({ columns: [["id", "long"]] }),
    { add: { ...file, deletionVector } },
  ]);
  for (const path of [key, "a.parquet"]) utimesSync(join(folder, path), 1, 1);
  const writable = opened(t, folder);
  assert.deepEqual((await writable.vacuum()).files, []);
  await table.commit([
    { remove: { path: "a.parquet", dataChange: true, deletionTimestamp: 5, deletionVector } },
  ]);
  assert.deepEqual((await writable.vacuum()).files, ["a.parquet", key]);
});

test("a table that cannot be written, or whose log cannot be read whole, keeps every file", async (t) => {
  const folder = join(checkedFolder(t), "table");
  await agingTable(folder);
  const before = filesIn(folder);
  const path = join(folder, commitKey(0));
  const storage = localStorage({ root: folder });
  const whole = readFileSync(path, "utf8");
  await storage.put(commitKey(0), whole.replace('"changeDataFeed"]', '"changeDataFeed","futureFiles"]'));
  await assert.rejects(opened(t, folder).vacuum(), (error) =>
    isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED"),
  );
  await storage.put(commitKey(0), whole);
  rmSync(join(folder, commitKey(1)));
  await assert.rejects(opened(t, folder).vacuum(), (error) => isLandfallError(error, "TABLE_LOG_CORRUPT"));
  assert.deepEqual(filesIn(folder), before);
});
