/** The `.crc` files that follow our commits: `checkedFolder` holds each of them against the commits. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { checkedFolder } from "../../test/support/checked-folder.ts";
import { checksumKey, commitKey } from "../delta/log-files.ts";
import type { OpenTableOptions } from "../table/open-table.ts";
import { createTable } from "./create-table.ts";
import { openTable, type WritableTable } from "./open-table.ts";

const LIMITS: OpenTableOptions = { threads: 1, memory: "256m" };

type Fields = { readonly [field: string]: unknown };

function tableOf(
  t: TestContext,
  options: Partial<Parameters<typeof createTable>[1]> = {},
): Promise<WritableTable> {
  const folder = join(checkedFolder(t), "table");
  return createTable(folder, {
    schema: "id BIGINT, part STRING",
    partitionBy: ["part"],
    ...LIMITS,
    ...options,
  });
}

function rowsOf(from: number, count: number, part = "a"): { id: number; part: string }[] {
  return Array.from({ length: count }, (_, i) => ({ id: from + i, part }));
}

const pathOf = (table: WritableTable, version: number): string => join(table.location, checksumKey(version));

function checksumAt(table: WritableTable, version: number): Fields {
  return JSON.parse(readFileSync(pathOf(table, version), "utf8")) as Fields;
}

/** The versions up to the newest that have one. */
async function checksummed(table: WritableTable): Promise<number[]> {
  const { version } = await table.snapshot();
  return Array.from({ length: version + 1 }, (_, at) => at).filter((at) => existsSync(pathOf(table, at)));
}

/** A commit of a writer that leaves no `.crc` file, as delta-rs. */
async function commitWithout(table: WritableTable): Promise<number> {
  const appended = await table.append(rowsOf(900, 1));
  rmSync(pathOf(table, appended!.version));
  return appended!.version;
}

test("each version has one that says what the log says, whatever the operation", async (t) => {
  await using table = await tableOf(t, {
    properties: { "delta.checkpointInterval": "100" },
  });
  await table.setProperties({ "delta.enableInCommitTimestamps": "true" });
  const newest = async (): Promise<void> => {
    const { findings, checked } = await table.check();
    assert.deepEqual([findings, checked.checksum], [[], true]);
  };
  await newest();
  await table.append(rowsOf(0, 10), { txn: { appId: "one", version: 7 } });
  await newest();
  await table.setProperties({ "delta.enableDeletionVectors": "true" });
  await newest();
  await table.delete({ where: "id < 2" });
  await newest();
  await table.update({ set: { id: "id + 100" }, where: "id = 3" });
  await newest();
  await table.merge(rowsOf(5, 3), { on: "t.id = s.id", whenMatched: { delete: true } });
  await newest();
  await table.append(rowsOf(50, 5, "b"));
  await table.optimize();
  await newest();
  await table.addColumns("more STRING");
  await table.restore({ version: 4 });
  await newest();
  await table.overwrite(rowsOf(0, 2));
  await newest();
  const { version } = await table.snapshot();
  assert.equal((await checksummed(table)).length, version + 1);
  const stated = checksumAt(table, version);
  assert.deepEqual(
    [stated["numFiles"], stated["numDeletionVectorsOpt"], stated["numDeletedRecordsOpt"]],
    [1, 0, 0],
  );
  assert.deepEqual(
    (stated["setTransactions"] as Fields[]).map(({ appId, version: at }) => [appId, at]),
    [["one", 7]],
  );
  assert.equal(checksumAt(table, 4)["numDeletionVectorsOpt"], 1);
});

test("after a version without one there are none until a checkpoint counts the files", async (t) => {
  await using table = await tableOf(t, { properties: { "delta.checkpointInterval": "5" } });
  await table.append(rowsOf(0, 3));
  assert.equal(await commitWithout(table), 2);
  for (let i = 0; i < 4; i++) await table.append(rowsOf(i, 1));
  assert.deepEqual(await checksummed(table), [0, 1, 5, 6]);
  assert.equal(checksumAt(table, 6)["numFiles"], 6);
});

for (const [what, change] of [
  ["of another table", (stated) => ({ ...stated, metadata: { ...(stated["metadata"] as Fields), id: "x" } })],
  [
    "of another protocol",
    (stated) => ({ ...stated, protocol: { minReaderVersion: 1, minWriterVersion: 7 } }),
  ],
  ["of another commit", (stated) => ({ ...stated, txnId: "x" })],
  ["of other transactions", (stated) => ({ ...stated, setTransactions: [{ appId: "x", version: 1 }] })],
  ["that counts below zero", (stated) => ({ ...stated, numFiles: -1 })],
  ["that counts nothing", ({ numFiles: _files, ...stated }) => stated],
] satisfies readonly (readonly [string, (stated: Fields) => Fields])[]) {
  test(`one ${what} is not carried on`, async (t) => {
    await using table = await tableOf(t);
    await table.setProperties({ owner: "me" });
    writeFileSync(pathOf(table, 1), JSON.stringify(change(checksumAt(table, 1))));
    await table.setProperties({ owner: "you" });
    assert.deepEqual(await checksummed(table), [0, 1]);
    assert.ok((await table.check({ version: 1 })).findings.some(({ code }) => code === "CHECKSUM_WRONG"));
    rmSync(pathOf(table, 1));
  });
}

test("one that is torn is not carried on, and one that is there is never written over", async (t) => {
  await using table = await tableOf(t);
  writeFileSync(pathOf(table, 0), "{");
  writeFileSync(pathOf(table, 2), "of somebody else");
  await table.setProperties({ owner: "me" });
  await table.setProperties({ owner: "you" });
  assert.deepEqual(await checksummed(table), [0, 2]);
  assert.equal(readFileSync(pathOf(table, 2), "utf8"), "of somebody else");
  for (const version of [0, 2]) rmSync(pathOf(table, version));
});

test("a wrong count of another writer ends with the next checkpoint", async (t) => {
  await using table = await tableOf(t, { properties: { "delta.checkpointInterval": "3" } });
  await table.append(rowsOf(0, 3));
  const right = readFileSync(pathOf(table, 1), "utf8");
  writeFileSync(pathOf(table, 1), right.replace('"numFiles":1', '"numFiles":5'));
  await table.append(rowsOf(3, 3));
  assert.equal(checksumAt(table, 2)["numFiles"], 6);
  await table.append(rowsOf(6, 3));
  assert.equal(checksumAt(table, 3)["numFiles"], 3);
  for (const version of [1, 2]) rmSync(pathOf(table, version));
});

test("a commit stands where its .crc file cannot be written, and the notice names it", async (t) => {
  await using made = await tableOf(t);
  const told: string[] = [];
  await using table = openTable(made.location, { ...LIMITS, onNotice: ({ file }) => told.push(file) });
  // Nobody can read what is a folder.
  rmSync(pathOf(table, 0));
  mkdirSync(pathOf(table, 0));
  const committed = await table.setProperties({ owner: "me" });
  assert.equal(committed?.version, 1);
  assert.deepEqual(told, [checksumKey(1)]);
  assert.ok(existsSync(join(made.location, commitKey(1))));
  rmSync(pathOf(table, 0), { recursive: true });
});
