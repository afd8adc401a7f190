import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { corporaFolder, corporaMissing } from "../../test/support/corpora.ts";
import { copyStatistics } from "../../test/support/duckdb-parquet.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Action } from "../delta/actions.ts";
import { serializeCommit } from "../delta/commit-json.ts";
import { commitKey } from "../delta/log-files.ts";
import { valuesOf } from "../engine/column-batch/value-at.ts";
import { localStorage } from "../storage/local-storage.ts";
import { openToRead, type DeltaTable } from "./open-table.ts";

const folder = temporaryFolder({ after });
let table: DeltaTable;

const SCHEMA = {
  type: "struct",
  fields: [
    ["id", "long"],
    ["price", "decimal(20,2)"],
    ["at", "timestamp"],
    ["__proto__", "string"],
    ["day", "date"],
  ].map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
};

const DAYS = ["2026-01-01", "2026-01-02"] as const;

/** One file a day: of the first 3 rows, of the second 2, with statistics of `id` only. */
async function addOf(day: string, select: string): Promise<Action> {
  const path = `day=${day}/part.parquet`;
  mkdirSync(join(folder, `day=${day}`));
  const { numRecords, columns } = await copyStatistics(join(folder, path), select);
  const { min, max } = columns.find((column) => column.path[0] === "id")!;
  return {
    add: {
      path,
      partitionValues: { day },
      size: statSync(join(folder, path)).size,
      modificationTime: 7,
      dataChange: true,
      stats: `{"numRecords":${numRecords},"minValues":{"id":${min}},"maxValues":{"id":${max}},"nullCount":{"id":0}}`,
    },
  };
}

const columns = (id: string): string =>
  `SELECT ${id} AS id, CAST('12345678901234567.10' AS DECIMAL(20,2)) AS price, TIMESTAMPTZ '2026-01-01 00:00:00.000001+00' AS at, 'x' || i AS "__proto__"`;

before(async () => {
  const storage = localStorage({ root: folder });
  const first = await addOf(DAYS[0], `${columns("9007199254740993 + i")} FROM range(3) r(i)`);
  const second = await addOf(DAYS[1], `${columns("i")} FROM range(2) r(i)`);
  const metaData = {
    id: "t",
    format: { provider: "parquet", options: {} },
    schemaString: JSON.stringify(SCHEMA),
    partitionColumns: ["day"],
    configuration: {},
  };
  const protocol = { minReaderVersion: 1, minWriterVersion: 2 };
  await storage.put(commitKey(0), serializeCommit([{ protocol }, { metaData }, first]));
  await storage.put(commitKey(1), serializeCommit([second]));
  table = openToRead(folder, { threads: 1 }).table;
});

after(() => table.close());

test("rows come with exact values, under their names", async () => {
  const snapshot = await table.snapshot({ version: 0 });
  const scan = snapshot.scan({ where: "id = 9007199254740994" });
  const rows = [];
  for await (const batch of scan) rows.push(...batch.rows());
  assert.equal(rows.length, 1);
  assert.deepEqual(Object.entries(rows[0]!), [
    ["id", 9007199254740994n],
    ["price", "12345678901234567.10"],
    ["at", 1767225600000001n],
    ["__proto__", "x1"],
    ["day", 20454],
  ]);
});

test("columns come in the order that is asked for, in batches of so many rows", async () => {
  const snapshot = await table.snapshot();
  const seen: unknown[] = [];
  for await (const { rowCount, columns: byName } of snapshot.scan({ columns: ["day", "id"], batchRows: 2 })) {
    assert.deepEqual(Object.keys(byName), ["day", "id"]);
    assert.equal(byName["id"]!.length, rowCount);
    seen.push(...valuesOf(byName["id"]!));
  }

  assert.deepEqual(new Set(seen), new Set([0n, 1n, 9007199254740993n, 9007199254740994n, 9007199254740995n]));
});

test("files that hold no such row are not opened, and the plan says how many", async () => {
  const snapshot = await table.snapshot();
  const all = await snapshot.scan().plan();
  assert.deepEqual([all.files, all.skipped], [2, { files: 0, bytes: 0 }]);
  for (const [where, rows] of [
    ["day = '2026-01-02'", 2],
    ["id < 10", 2],
    ["id > 9007199254740993", 2],
    ["id = 10", 0],
    ["day = '2026-01-02' AND id > 1000", 0],
  ] as const) {
    const scan = snapshot.scan({ columns: [], where });
    const plan = await scan.plan();
    assert.deepEqual([plan.files, plan.skipped.files], rows === 0 ? [0, 2] : [1, 1], where);
    assert.equal(plan.bytes + plan.skipped.bytes, all.bytes, where);
    let count = 0;
    for await (const batch of scan) count += batch.rowCount;
    assert.equal(count, rows, where);
  }
});

test("the files of a snapshot, with what the log says of their rows", async () => {
  const { files, skipped } = await (await table.snapshot()).files({ where: "id > 10" });
  assert.equal(skipped.files, 1);
  assert.deepEqual(
    files.map(({ size: _size, ...file }) => file),
    [
      {
        path: "day=2026-01-01/part.parquet",
        modificationTime: 7,
        partitionValues: { day: "2026-01-01" },
        statistics: {
          numRecords: 3,
          minValues: { id: 9007199254740993n },
          maxValues: { id: 9007199254740995n },
          nullCount: { id: 0 },
        },
      },
    ],
  );
});

test("a snapshot counts its own rows, whatever came after it", async () => {
  const before = await table.snapshot({ version: 0 });
  assert.deepEqual([await before.count(), await (await table.snapshot()).count()], [3, 5]);
});

test("a condition or a column that may not be is said before anything is read", async () => {
  const snapshot = await table.snapshot();
  for (const options of [
    { where: "nothing > 1" },
    { where: "id >" },
    { where: "id > 1; SELECT 1" },
    { columns: ["ids"] },
  ]) {
    await assert.rejects(
      async () => {
        for await (const _batch of snapshot.scan(options)) assert.fail("no batch was to come");
      },
      (error) => isLandfallError(error, "QUERY_INVALID"),
      JSON.stringify(options),
    );
  }
  await assert.rejects(snapshot.files({ where: "id >" }), (error) => isLandfallError(error, "QUERY_INVALID"));
});

test("a loop that is left, a signal and a close end the reading", async () => {
  const snapshot = await table.snapshot();
  for await (const batch of snapshot.scan({ batchRows: 1 })) {
    assert.equal(batch.rowCount, 1);
    break;
  }
  const stop = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(async () => {
    for await (const _batch of snapshot.scan({ batchRows: 1, signal: stop.signal })) stop.abort(reason);
  }, reason);
  const other = openToRead(folder, { threads: 1 }).table;
  await assert.rejects(
    async () => {
      for await (const _batch of (await other.snapshot()).scan({ batchRows: 1 })) await other.close();
    },
    (error) => isLandfallError(error, "ABORTED"),
  );
});

test("deleted rows are neither read nor counted", { skip: corporaMissing() }, async () => {
  const deleted = join(corporaFolder(), "delta/more/kernel-rs-data/table-with-dv-small");
  await using other = openToRead(deleted, { threads: 1 }).table;
  const snapshot = await other.snapshot();
  const { files } = await snapshot.files();
  assert.deepEqual(
    files.map(({ statistics, deletionVector }) => [statistics?.numRecords, deletionVector?.cardinality]),
    [[10, 2]],
  );
  const values: unknown[] = [];
  for await (const batch of snapshot.scan()) for (const row of batch.rows()) values.push(row["value"]);
  assert.deepEqual(values, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(await snapshot.count(), 8);
});
