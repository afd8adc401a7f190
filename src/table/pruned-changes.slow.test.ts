/** Which files of changes are opened, and which rows an overwritten schema leaves to be told. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  addOf,
  changesOf,
  changingTable,
  metadataOf,
  READS_VECTORS,
  removeOf,
  type ChangingTable,
} from "../../test/support/changing-table.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { writeCheckpoint } from "../delta/checkpoint.ts";
import { commitKey } from "../delta/log-files.ts";
import { localStorage } from "../storage/local-storage.ts";
import { openToRead, type DeltaTable } from "./open-table.ts";
import type { ChangesOptions } from "./scan-changes.ts";

const engine = testEngine();

function opened(t: TestContext): { readonly table: DeltaTable; readonly writer: ChangingTable } {
  const folder = temporaryFolder(t);
  const { table } = openToRead(folder, { threads: 1, memory: "256m" });
  t.after(() => table.close());
  return { table, writer: changingTable(folder) };
}

async function changed(table: DeltaTable, options: ChangesOptions): Promise<string[]> {
  const rows: string[] = [];
  for await (const batch of table.changes(options)) {
    for (const { _commit_version, _change_type, _commit_timestamp, ...row } of batch.rows())
      rows.push([_commit_version, _change_type, ...Object.values(row)].map(String).join(" "));
  }
  return rows;
}

test("files that cannot have such rows are not opened, by partitions, statistics and versions", async (t) => {
  const { table, writer } = opened(t);
  const columns = [
    ["id", "long"],
    ["day", "date"],
  ] as const;
  await writer.commit([READS_VECTORS, metadataOf({ columns, partitionColumns: ["day"] })]);
  const day = { day: "2026-01-01" };
  const kept = await writer.file("a.parquet", "SELECT unnest([1::BIGINT, 5]) AS id", day);
  const high = await writer.file("b.parquet", "SELECT 9::BIGINT AS id", day);
  const later = await writer.file("c.parquet", "SELECT 5::BIGINT AS id", { day: "2026-01-02" });
  const told = await writer.file("d.parquet", "SELECT 5::BIGINT AS id, 'delete' AS _change_type", day);
  const bounds = { stats: '{"numRecords":1,"minValues":{"id":9},"maxValues":{"id":9}}' };
  await writer.commit([addOf(kept), addOf({ ...high, ...bounds }), addOf(later)]);
  await writer.commit([changesOf(told)]);
  await writer.commit([removeOf({ ...high, ...bounds }), removeOf(later)]);
  for (const { path } of [high, later]) rmSync(join(writer.folder, path));
  assert.deepEqual(await changed(table, { from: 0, where: "id < 9 AND day = DATE '2026-01-01'" }), [
    "1 insert 1 20454",
    "1 insert 5 20454",
    "2 delete 5 20454",
  ]);
  assert.deepEqual(await changed(table, { from: 0, where: "_commit_version = 2" }), ["2 delete 5 20454"]);
  assert.deepEqual(
    await changed(table, { from: 0, where: "_commit_timestamp < TIMESTAMP '2000-01-01'" }),
    [],
  );
  await assert.rejects(changed(table, { from: 0 }), (error) => isLandfallError(error, "OBJECT_MISSING"));
});

test("a version that replaced rows of other columns is none that a range may begin with", async (t) => {
  const { table, writer } = opened(t);
  const old = await writer.file("a.parquet", "SELECT 1::BIGINT AS id, 'x' AS name");
  const fresh = await writer.file("b.parquet", "SELECT 2::BIGINT AS id, 'y' AS other");
  const columns = [
    ["id", "long"],
    ["name", "string"],
  ] as const;
  const others = [columns[0], ["other", "string"]] as const;
  await writer.commit([READS_VECTORS, metadataOf({ columns }), addOf(old)]);
  await writer.commit([metadataOf({ columns: others }), removeOf(old), addOf(fresh)]);
  await writer.commit([removeOf(fresh)]);
  for (const from of [0, 1]) {
    await assert.rejects(changed(table, { from }), (error) => {
      assert.ok(isLandfallError(error, "CHANGES_UNLIKE_SCHEMA"), String(error));
      assert.match(error.message, /before version 1 of .* columns of version 2: the column name is gone/);
      assert.match(error.hint ?? "", /from version 2 on\. Version 1 replaced rows/);
      return true;
    });
  }
  assert.deepEqual(await changed(table, { from: 0, to: 0 }), ["0 insert 1 x"]);
  assert.deepEqual(await changed(table, { from: 2 }), ["2 delete 2 y"]);
});

test("an overwrite by the same columns and more is told like any other version", async (t) => {
  const { table, writer } = opened(t);
  const old = await writer.file("a.parquet", "SELECT 1::BIGINT AS id");
  const fresh = await writer.file("b.parquet", "SELECT 2::BIGINT AS id, 'y' AS other");
  await writer.commit([READS_VECTORS, metadataOf({ columns: [["id", "long"]] }), addOf(old)]);
  const wider = metadataOf({
    columns: [
      ["id", "long"],
      ["other", "string"],
    ],
  });
  await writer.commit([wider, removeOf(old), addOf(fresh)]);
  assert.deepEqual((await changed(table, { from: 1 })).sort(), ["1 delete 1 null", "1 insert 2 y"]);
});

test("of replaced rows the columns must be known", async (t) => {
  const { table, writer } = opened(t);
  const file = await writer.file("a.parquet", "SELECT 1::BIGINT AS id");
  const id = metadataOf({ columns: [["id", "long"]] });
  await writer.commit([{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, id, addOf(file)]);
  await writer.commit([id, removeOf(file)]);
  await writer.commit([addOf(file)]);
  // As a clean-up leaves it: a checkpoint, and the commits from that version on.
  const storage = localStorage({ root: writer.folder });
  const parquet = { port: engine, scratchFolder: temporaryFolder(t) };
  await writeCheckpoint({ storage, parquet, version: 1, now: 0 });
  rmSync(join(writer.folder, commitKey(0)));
  await assert.rejects(changed(table, { from: 1 }), (error) => {
    assert.ok(isLandfallError(error, "TABLE_VERSION_MISSING"), String(error));
    assert.match(
      error.message,
      /which columns those rows had the log no longer tells, for version 0 is gone/,
    );
    return true;
  });
  assert.deepEqual(await changed(table, { from: 2 }), ["2 insert 1"]);
});
