import assert from "node:assert/strict";
import { linkSync, rmSync, utimesSync } from "node:fs";
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
import { corporaFolder, corporaMissing } from "../../test/support/corpora.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import type { Action } from "../delta/actions.ts";
import { commitKey } from "../delta/log-files.ts";
import { openToRead, type DeltaTable } from "./open-table.ts";
import type { ChangesOptions } from "./scan-changes.ts";

const ID = metadataOf({ columns: [["id", "long"]] });

function opened(t: TestContext): { readonly table: DeltaTable; readonly writer: ChangingTable } {
  const folder = temporaryFolder(t);
  const table = openToRead(folder, { threads: 1, memory: "256m" }).table;
  t.after(() => table.close());
  return { table, writer: changingTable(folder) };
}

/** Rows without their time, as text, those of a version in an order of their own. */
async function changed(table: DeltaTable, options: ChangesOptions): Promise<string[]> {
  const versions = new Map<bigint, string[]>();
  for await (const batch of table.changes(options)) {
    for (const {
      _commit_version: version,
      _change_type: type,
      _commit_timestamp: _time,
      ...row
    } of batch.rows()) {
      assert.ok((version as bigint) >= ([...versions.keys()].at(-1) ?? 0n), "the versions are in order");
      const rows = versions.get(version as bigint) ?? [];
      rows.push(`${version as bigint} ${type as string} ${Object.values(row).map(String).join(",")}`);
      versions.set(version as bigint, rows);
    }
  }
  // A map keeps the order in which versions were met.
  return [...versions.values()].flatMap((rows) => rows.sort());
}

const refused = async (
  reading: Promise<unknown>,
  code: LandfallError["code"],
  message: RegExp,
): Promise<void> => {
  await assert.rejects(reading, (error) => {
    assert.ok(isLandfallError(error, code), String(error));
    assert.match(error.message, message);
    return true;
  });
};

test("added rows are inserts, removed rows deletes, and change files stand before both", async (t) => {
  const { table, writer } = opened(t);
  const first = await writer.file("a.parquet", "SELECT i AS id FROM range(3) r(i)");
  const second = await writer.file("b.parquet", "SELECT 7 AS id");
  const recorded = await writer.file(
    "_change_data/c.parquet",
    "SELECT * FROM (VALUES (1, 'update_preimage'), (11, 'update_postimage')) v(id, _change_type)",
  );
  const rewritten = await writer.file("d.parquet", "SELECT unnest([0, 11, 2]) AS id");
  await writer.commit([READS_VECTORS, ID, addOf(first)]);
  await writer.commit([addOf(second)]);
  await writer.commit([removeOf(first), addOf(rewritten), changesOf(recorded)]);
  await writer.commit([removeOf(second)]);
  // Moved about, and nothing changed.
  const moved = await writer.file("e.parquet", "SELECT unnest([0, 11, 2]) AS id");
  await writer.commit([removeOf(rewritten, [], false), addOf(moved, [], false)]);
  assert.deepEqual(await changed(table, { from: 0 }), [
    "0 insert 0",
    "0 insert 1",
    "0 insert 2",
    "1 insert 7",
    "2 update_postimage 11",
    "2 update_preimage 1",
    "3 delete 7",
  ]);
  assert.deepEqual(await changed(table, { from: 1, to: 1 }), ["1 insert 7"]);
  assert.deepEqual(await changed(table, { from: 0, where: "_change_type <> 'insert' AND id < 9" }), [
    "2 update_preimage 1",
    "3 delete 7",
  ]);
  assert.deepEqual(await changed(table, { from: 2, columns: ["_change_type", "_commit_version"] }), [
    "2 update_postimage ",
    "2 update_preimage ",
    "3 delete ",
  ]);
});

test("of a file that stays, the rows by which its vectors differ were deleted or came back", async (t) => {
  const { table, writer } = opened(t);
  const file = await writer.file("a.parquet", "SELECT i AS id FROM range(20) r(i)");
  const vectors = [[], [3, 17], [3], [19], [], [0, 1]];
  await writer.commit([READS_VECTORS, ID, addOf(file)]);
  for (const [i, vector] of vectors.entries())
    if (i > 0) await writer.commit([removeOf(file, vectors[i - 1]), addOf(file, vector)]);
  // The rest of the file.
  await writer.commit([removeOf(file, vectors.at(-1))]);
  assert.deepEqual((await changed(table, { from: 1 })).slice(0, 9), [
    "1 delete 17",
    "1 delete 3",
    "2 insert 17",
    "3 delete 19",
    "3 insert 3",
    "4 insert 19",
    "5 delete 0",
    "5 delete 1",
    "6 delete 10",
  ]);
  assert.equal((await changed(table, { from: 6 })).length, 18);
});

test("columns are those of the last version, by physical names, with partition values of the log", async (t) => {
  const { table, writer } = opened(t);
  const configuration = { "delta.columnMapping.mode": "name" };
  const columns = [
    ["id", "integer", "c1"],
    ["day", "date", "c2"],
  ] as const;
  const partitionColumns = ["day"];
  const part = { c2: "2026-01-01" };
  const first = await writer.file("x/a.parquet", "SELECT 1::INTEGER AS c1", part);
  const wide = await writer.file("x/b.parquet", "SELECT 5000000000 AS c1, 'n' AS c3", { c2: null });
  const recorded = await writer.file(
    "_change_data/c.parquet",
    "SELECT 1 AS c1, 'delete' AS _change_type",
    part,
  );
  await writer.commit([
    READS_VECTORS,
    metadataOf({ columns, partitionColumns, configuration }),
    addOf(first),
  ]);
  const widened = [["id", "long", "c1"], columns[1], ["note", "string", "c3"]] as const;
  await writer.commit([metadataOf({ columns: widened, partitionColumns, configuration }), addOf(wide)]);
  await writer.commit([removeOf(first), changesOf(recorded)]);
  assert.deepEqual(await changed(table, { from: 0 }), [
    "0 insert 1,20454,null",
    "1 insert 5000000000,null,n",
    "2 delete 1,20454,null",
  ]);
  assert.deepEqual(await changed(table, { from: 0, to: 0 }), ["0 insert 1,20454"]);
});

test("where columns are found by ids, `_change_type` of change files is found by its name", async (t) => {
  const { table, writer } = opened(t);
  const configuration = { "delta.columnMapping.mode": "id" };
  const recorded = await writer.file("a.parquet", "SELECT 1");
  await writeParquetFile(
    join(writer.folder, recorded.path),
    "SELECT 4::BIGINT AS other, 'delete' AS _change_type",
    "FIELD_IDS {other: 1}",
  );
  await writer.commit([READS_VECTORS, metadataOf({ columns: [["id", "long", "c1"]], configuration })]);
  await writer.commit([changesOf(recorded)]);
  assert.deepEqual(await changed(table, { from: 0 }), ["1 delete 4"]);
});

test("a version without the feed is named, and may be told from its files all the same", async (t) => {
  const { table, writer } = opened(t);
  const file = await writer.file("a.parquet", "SELECT 1 AS id");
  const off = metadataOf({
    columns: [["id", "long"]],
    configuration: { "delta.enableChangeDataFeed": "false" },
  });
  await writer.commit([READS_VECTORS, ID]);
  await writer.commit([addOf(file)]);
  await writer.commit([off]);
  await writer.commit([removeOf(file)]);
  await writer.commit([ID]);
  assert.deepEqual(await changed(table, { from: 0, to: 1 }), ["1 insert 1"]);
  assert.deepEqual(await changed(table, { from: 4 }), []);
  await refused(changed(table, { from: 0 }), "CHANGE_FEED_OFF", /At version 2 of/);
  await refused(changed(table, { from: 3 }), "CHANGE_FEED_OFF", /At version 3 of/);
  assert.deepEqual(await changed(table, { from: 0, withoutFeed: true }), ["1 insert 1", "3 delete 1"]);
});

test("a column that was dropped, renamed or retyped parts the range at the version that did it", async (t) => {
  const base = [
    ["id", "long", "c1"],
    ["old", "string", "c2"],
  ] as const;
  for (const [later, why] of [
    [[base[0]], /before version 2 of .* columns of version 3: the column old is gone/],
    [[base[0], ["new", "string", "c2"]], /version 2 of .*: the column old is called new/],
    [[base[0], ["old", "long", "c2"]], /version 2 of .*: the column old has another type/],
  ] as const) {
    const { table, writer } = opened(t);
    const configuration = { "delta.columnMapping.mode": "name" };
    await writer.commit([READS_VECTORS, metadataOf({ columns: base, configuration })]);
    await writer.commit([metadataOf({ columns: [...base, ["more", "string", "c3"]], configuration })]);
    await writer.commit([metadataOf({ columns: [...later, ["more", "string", "c3"]], configuration })]);
    await writer.commit([
      metadataOf({ columns: [...later, ["more", "string", "c3"], ["x", "date", "c4"]], configuration }),
    ]);
    await refused(changed(table, { from: 0 }), "CHANGES_UNLIKE_SCHEMA", why);
    assert.deepEqual(await changed(table, { from: 0, to: 1 }), []);
    assert.deepEqual(await changed(table, { from: 2 }), []);
  }
});

test("a column of the table that is called like one of the changes is refused", async (t) => {
  const { table, writer } = opened(t);
  await writer.commit([READS_VECTORS, metadataOf({ columns: [["_Change_Type", "string"]] })]);
  await refused(changed(table, { from: 0 }), "CHANGES_UNLIKE_SCHEMA", /a column _Change_Type/);
});

test("a range ends with the newest version when the reading begins, and goes on from there", async (t) => {
  const { table, writer } = opened(t);
  const file = await writer.file("a.parquet", "SELECT 1 AS id");
  await writer.commit([READS_VECTORS, ID, addOf(file)]);
  const changes = table.changes({ from: 0 });
  assert.deepEqual(await changes.range(), { from: 0, to: 0 });
  await writer.commit([removeOf(file)]);
  let rows = 0;
  for await (const batch of changes) rows += batch.rowCount;
  assert.equal(rows, 1);
  assert.deepEqual(await changed(table, { from: 1 }), ["1 delete 1"]);
  assert.deepEqual(await table.changes({ from: 2 }).range(), { from: 2, to: 1 });
  assert.deepEqual(await changed(table, { from: 2 }), []);
});

test("a range of times takes the commits in between, and each row has its commit's time", async (t) => {
  const { table, writer } = opened(t);
  const file = await writer.file("a.parquet", "SELECT 1 AS id");
  await writer.commit([READS_VECTORS, ID]);
  await writer.commit([addOf(file)]);
  await writer.commit([removeOf(file)]);
  for (const version of [0, 1, 2]) {
    const time = new Date(Date.UTC(2026, 0, 1 + version));
    utimesSync(join(writer.folder, commitKey(version)), time, time);
  }
  const day = (of: number, hour = 0): Date => new Date(Date.UTC(2026, 0, of, hour));
  assert.deepEqual(await table.changes({ from: day(1, 5) }).range(), { from: 1, to: 2 });
  assert.deepEqual(await table.changes({ from: day(2), to: day(2, 23) }).range(), { from: 1, to: 1 });
  assert.deepEqual(await table.changes({ from: day(2), to: 2 }).range(), { from: 1, to: 2 });
  for await (const batch of table.changes({ from: 1, to: 1 }))
    assert.deepEqual(
      [...batch.rows()],
      [
        {
          id: 1,
          _change_type: "insert",
          _commit_version: 1n,
          _commit_timestamp: BigInt(day(2).getTime()) * 1000n,
        },
      ].map((row) => ({ ...row, id: 1n })),
    );
  await refused(changed(table, { from: day(4) }), "TABLE_VERSION_MISSING", /its newest is 2/);
  await refused(changed(table, { from: day(2, 1), to: day(2, 2) }), "USAGE", /nothing lies between/);
});

test("a range that is none, a commit and a file that are gone are errors by name", async (t) => {
  const { table, writer } = opened(t);
  const file = await writer.file("a.parquet", "SELECT 1 AS id");
  await writer.commit([READS_VECTORS, ID, addOf(file)]);
  await writer.commit([removeOf(file)]);
  await refused(changed(table, { from: -1 }), "USAGE", /from is neither/);
  await refused(changed(table, { from: 0, to: 1.5 }), "USAGE", /to is neither/);
  await refused(changed(table, { from: 1, to: 0 }), "USAGE", /nothing lies between/);
  await refused(changed(table, { from: 3 }), "TABLE_VERSION_MISSING", /no version 3; its newest is 1/);
  await refused(changed(table, { from: 0, to: 2 }), "TABLE_VERSION_MISSING", /no version 2/);
  await refused(changed(table, { from: 2, columns: ["ids"] }), "QUERY_INVALID", /no column ids/);
  await refused(changed(table, { from: 2, where: "id >" }), "QUERY_INVALID", /condition/);
  rmSync(join(writer.folder, file.path));
  await refused(changed(table, { from: 1 }), "OBJECT_MISSING", /version 1 of .*a\.parquet/);
});

test("of a table with partitions, a removed file that names none cannot be told", async (t) => {
  const { table, writer } = opened(t);
  const columns = [
    ["id", "long"],
    ["day", "date"],
  ] as const;
  await writer.commit([READS_VECTORS, metadataOf({ columns, partitionColumns: ["day"] })]);
  await writer.commit([{ remove: { path: "a.parquet", dataChange: true } }]);
  await refused(changed(table, { from: 1 }), "TABLE_FEATURE_UNSUPPORTED", /Version 1 of .* a\.parquet/);
});

test("times are those that commits state, from where the table asks for them", async (t) => {
  const { table, writer } = opened(t);
  const file = await writer.file("a.parquet", "SELECT 1 AS id");
  const stated = (hour: number): Action => ({ commitInfo: { inCommitTimestamp: hour * 3_600_000 } });
  const configuration = {
    "delta.enableInCommitTimestamps": "true",
    "delta.inCommitTimestampEnablementVersion": "1",
  };
  const features = ["deletionVectors", "changeDataFeed", "inCommitTimestamp", "columnMapping"];
  await writer.commit([READS_VECTORS, ID]);
  await writer.commit([
    stated(5),
    { protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: features } },
    metadataOf({ columns: [["id", "long"]], configuration }),
  ]);
  await writer.commit([stated(7), addOf(file)]);
  const batches = [];
  for await (const batch of table.changes({ from: new Date(6 * 3_600_000) })) batches.push(...batch.rows());
  assert.deepEqual(
    batches.map((row) => [row["_commit_version"], row["_commit_timestamp"]]),
    [[2n, 7n * 3_600_000_000n]],
  );
  // The file of version 0 is younger than what version 1 states of itself.
  assert.deepEqual(await table.changes({ from: new Date(5 * 3_600_000) }).range(), { from: 1, to: 2 });
});

const cdf = join(corporaFolder(), "delta/more");

test(
  "a version whose commit was cleaned up is named, with the oldest there is",
  { skip: corporaMissing() },
  async () => {
    await using table = openToRead(join(cdf, "delta-rs/checkpoint-cdf-table"), { threads: 1 }).table;
    await refused(changed(table, { from: 2 }), "TABLE_VERSION_MISSING", /commit of version 2/);
    assert.deepEqual(await table.changes({ from: 3 }).range(), { from: 3, to: 5 });
  },
);

test("the first version of a range without the feed is named", { skip: corporaMissing() }, async () => {
  await using table = openToRead(join(cdf, "kernel-rs-data/table-with-cdf"), { threads: 1 }).table;
  await refused(changed(table, { from: 0 }), "CHANGE_FEED_OFF", /At version 2 of/);
});

test("versions come in order, whatever the shapes of their files, and however many there are", async (t) => {
  const { table, writer } = opened(t);
  const two = metadataOf({
    columns: [
      ["id", "long"],
      ["more", "string"],
    ],
  });
  await writer.commit([READS_VECTORS, two]);
  const bare = await writer.file("a.parquet", "SELECT 1::BIGINT AS id");
  const whole = await writer.file("b.parquet", "SELECT 2::BIGINT AS id, 'x' AS more");
  for (let i = 0; i < 50; i++) await writer.commit([addOf(bare), ...(i === 30 ? [] : [addOf(whole)])]);
  const many = Array.from({ length: 20 }, (_, i) =>
    addOf({ ...(i % 2 === 0 ? bare : whole), path: `${i}.parquet` }),
  );
  for (let i = 0; i < 20; i++)
    linkSync(
      join(writer.folder, i % 2 === 0 ? "a.parquet" : "b.parquet"),
      join(writer.folder, `${i}.parquet`),
    );
  await writer.commit(many);
  await writer.commit([addOf(bare)]);
  const rows = await changed(table, { from: 0 });
  assert.equal(rows.length, 99 + 20 + 1);
  assert.deepEqual(rows.slice(60, 63), ["31 insert 1,null", "32 insert 1,null", "32 insert 2,x"]);
});
