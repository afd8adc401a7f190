import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { isLandfallError } from "../../base/landfall-error.ts";
import { NAN_BESIDE_BOUNDS } from "../../../test/support/nan-beside-bounds.ts";
import {
  addOf,
  changingTable,
  metadataOf,
  type ChangingTable,
} from "../../../test/support/changing-table.ts";
import { tableOfEngine } from "../../../test/support/table-of-engine.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { writeRowsTable } from "../../../test/support/rows-table.ts";
import type { DataType } from "../../schema/data-type.ts";
import type { TableWrites } from "../table-writes.ts";
import type { MergeOptions } from "./merge-options.ts";

const folder = temporaryFolder({ after });
const engine = testEngine();
const scratchFolder = join(folder, "scratch");
mkdirSync(scratchFolder);
let tables = 0;

type Table = ReturnType<typeof tableOfEngine>;

async function tableOf(
  columns: readonly (readonly [name: string, type: DataType])[],
  rows: readonly Readonly<Record<string, unknown>>[],
  configuration?: Readonly<Record<string, string>>,
): Promise<Table> {
  const { table } = await emptyTable(columns, configuration);
  await table.append(rows);
  return table;
}

async function emptyTable(
  columns: readonly (readonly [name: string, type: DataType])[],
  configuration: Readonly<Record<string, string>> = { "delta.enableDeletionVectors": "true" },
): Promise<{ readonly place: string; readonly log: ChangingTable; readonly table: Table }> {
  const place = join(folder, `t${tables++}`);
  const features = ["deletionVectors", "appendOnly", "invariants"];
  const log = changingTable(place);
  await log.commit([
    {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["deletionVectors"],
        writerFeatures: features,
      },
    },
    metadataOf({ columns, configuration }),
  ]);
  return { place, log, table: tableOfEngine({ table: place, engine, scratchFolder }) };
}

async function rowsOf(table: Table): Promise<Readonly<Record<string, unknown>>[]> {
  const rows: Readonly<Record<string, unknown>>[] = [];
  for await (const batch of (await table.snapshot()).scan()) rows.push(...batch.rows());
  const keyOf = (row: Readonly<Record<string, unknown>>): string => `${String(row["k"])} ${String(row["v"])}`;
  return rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const UPSERT: MergeOptions = {
  on: "t.k = s.k",
  whenMatched: { update: "all" },
  whenNotMatched: { insert: "all" },
};

async function refused(table: TableWrites, options: MergeOptions, code: string, what: RegExp): Promise<void> {
  await assert.rejects(table.merge([{ k: 1, v: "x" }], options), (error: Error) => {
    assert.match(error.message, what);
    return isLandfallError(error) && error.code === code;
  });
}

test("NaN equals NaN, null equals nothing, and -0.0 is 0.0", async () => {
  const table = await tableOf(
    [
      ["k", "double"],
      ["v", "string"],
    ],
    [
      { k: NaN, v: "nan" },
      { k: null, v: "null" },
      { k: 0, v: "zero" },
    ],
  );
  const { metrics } = (await table.merge(
    [
      { k: NaN, v: "NAN" },
      { k: null, v: "another" },
      { k: -0, v: "ZERO" },
    ],
    { ...UPSERT, whenMatched: { update: { v: "s.v" } } },
  ))!;
  assert.deepEqual([metrics["numTargetRowsUpdated"], metrics["numTargetRowsInserted"]], [2, 1]);
  assert.deepEqual(await rowsOf(table), [
    { k: 0, v: "ZERO" },
    { k: NaN, v: "NAN" },
    { k: null, v: "another" },
    { k: null, v: "null" },
  ]);
});

test("a NaN that its file's bounds leave out meets a condition of the merge, and a key", async () => {
  for (const on of ["t.d = s.d AND t.f > 5", "t.d = s.d"]) {
    const { place, log, table } = await emptyTable([
      ["f", "float"],
      ["d", "double"],
    ]);
    await writeFile(join(place, "nan.parquet"), NAN_BESIDE_BOUNDS);
    const size = NAN_BESIDE_BOUNDS.length;
    await log.commit([addOf({ path: "nan.parquet", partitionValues: {}, size })]);
    const whenMatched = { update: { f: "CAST(0 AS FLOAT)" } };
    const { metrics } = (await table.merge([{ d: NaN }], { on, schema: "d DOUBLE", whenMatched }))!;
    assert.equal(metrics["numTargetRowsUpdated"], 1);
    const found = await rowsOf(table);
    assert.deepEqual(
      new Set(found),
      new Set([
        { f: 0, d: NaN },
        { f: 1, d: 1 },
      ]),
    );
  }
});

test("a column that is called rowid is a column", async () => {
  const table = await tableOf(
    [
      ["k", "string"],
      ["rowid", "long"],
    ],
    [{ k: "a", rowid: 7 }],
  );
  await table.merge(
    [
      { k: "a", rowid: 7 },
      { k: "b", rowid: 7 },
      { k: "c", rowid: 0 },
    ],
    UPSERT,
  );
  const rows = (await rowsOf(table)).map(({ k, rowid }) => `${String(k)} ${String(rowid)}`);
  assert.deepEqual(rows, ["a 7", "b 7", "c 0"]);
});

test("decimals, structs, arrays and maps are compared as they are, and left alone where they are the same", async () => {
  const columns: [string, DataType][] = [
    ["k", "decimal(20,3)"],
    ["d", "decimal(38,10)"],
    [
      "s",
      {
        type: "struct",
        fields: [
          { name: "a", type: "long", nullable: true, metadata: {} },
          {
            name: "list",
            type: { type: "array", elementType: "string", containsNull: true },
            nullable: true,
            metadata: {},
          },
        ],
      },
    ],
  ];
  const row = {
    k: "12345678901234567.125",
    d: "1234567890123456789012345678.0123456789",
    s: { a: 9007199254740993n, list: ["x", null] },
  };
  const table = await tableOf(columns, [row, { k: "1.000", d: null, s: null }]);
  assert.equal(await table.merge([row], UPSERT), undefined);
  const changed = { ...row, s: { a: 9007199254740993n, list: ["x", "y"] } };
  const { metrics } = (await table.merge(
    [changed, { k: "1.001", d: "0.0000000001", s: { a: null, list: [] } }],
    UPSERT,
  ))!;
  assert.deepEqual([metrics["numTargetRowsUpdated"], metrics["numTargetRowsInserted"]], [1, 1]);
  assert.equal(await table.merge([changed], UPSERT), undefined);
});

test("several source rows for one row are refused by its key, but for a delete of all that match", async () => {
  const table = await tableOf(
    [
      ["k", "long"],
      ["v", "string"],
    ],
    [
      { k: 1, v: "a" },
      { k: 2, v: "b" },
    ],
  );
  const twice = [
    { k: 2, v: "c" },
    { k: 2, v: "d" },
    { k: 3, v: "e" },
  ];
  await assert.rejects(
    table.merge(twice, UPSERT),
    (error: Error) => isLandfallError(error, "MERGE_AMBIGUOUS") && error.message.includes("k = 2"),
  );
  // As in Spark, though no clause is for the row that both match.
  await assert.rejects(
    table.merge(twice, { on: "t.k = s.k", whenNotMatchedBySource: { delete: true } }),
    (error: Error) => isLandfallError(error, "MERGE_AMBIGUOUS") && error.message.includes("k = 2"),
  );
  // Of these the conditions let one through.
  const one = await table.merge(twice, {
    on: "t.k = s.k",
    whenMatched: { where: "s.v = 'd'", update: "all" },
  });
  assert.equal(one?.metrics["numTargetRowsUpdated"], 1);
  const gone = await table.merge(twice, { on: "t.k = s.k", whenMatched: { delete: true } });
  assert.equal(gone?.metrics["numTargetRowsDeleted"], 1);
  assert.deepEqual(await rowsOf(table), [{ k: 1n, v: "a" }]);
});

test("files are left out whose statistics hold no key of the source", async () => {
  const place = join(folder, `t${tables++}`);
  await writeRowsTable(place, { isPartitioned: false, hasVectors: true, hasFeed: false, files: 6 });
  const table = tableOfEngine({ table: place, engine, scratchFolder });
  // f0 has the keys 0 to 39, and so on; f2 and f5 have no statistics. What is damaged cannot have been read.
  for (const name of ["f0", "f3"]) await writeFile(join(place, `${name}.parquet`), "no Parquet");
  const merge = { on: "t.id = s.id", whenMatched: { update: { n: "s.n" } } };
  const far = await table.merge(
    [
      { id: 45, n: 100 },
      { id: 170, n: 100 },
    ],
    merge,
  );
  assert.equal(far?.metrics["numTargetRowsUpdated"], 2);
  await assert.rejects(table.merge([{ id: 130, n: 100 }], merge), (error) =>
    isLandfallError(error, "TABLE_DATA_CORRUPT"),
  );
});

test("a merge happens once by its transaction, and its commit speaks Spark's words", async () => {
  const table = await tableOf(
    [
      ["k", "long"],
      ["v", "string"],
    ],
    [{ k: 1, v: "a" }],
  );
  const txn = { appId: "loader", version: 1 };
  const merge = { ...UPSERT, whenMatched: { where: "s.v > t.v", update: "all" }, txn } as const;
  assert.equal((await table.merge([{ k: 1, v: "b" }], merge))?.version, 2);
  assert.equal(await table.merge([{ k: 1, v: "c" }], merge), undefined);
  assert.deepEqual(await rowsOf(table), [{ k: 1n, v: "b" }]);
});

test("what cannot be merged is refused before a file is read", async () => {
  const table = await tableOf(
    [
      ["k", "long"],
      ["v", "string"],
    ],
    [{ k: 1, v: "a" }],
  );
  const update = { whenMatched: { update: "all" } } as const;
  await refused(table, { on: "t.k > s.k", ...update }, "QUERY_INVALID", /of no two columns/);
  await refused(table, { on: "t.k = s.v", ...update }, "QUERY_INVALID", /t\.k is BIGINT and s\.v is VARCHAR/);
  await refused(table, { on: "k = s.k", ...update }, "QUERY_INVALID", /Ambiguous reference/);
  await refused(table, { on: "t.k = s.k) OR (true", ...update }, "QUERY_INVALID", /condition of the merge/);
  await refused(table, { on: "t.k = s.k" }, "USAGE", /no clause/);
  await refused(
    table,
    { on: "t.k = s.k", whenMatched: [{ delete: true }, { update: "all" }] },
    "USAGE",
    /Clause 1 of whenMatched has no condition/,
  );
  await refused(
    table,
    { on: "t.k = s.k", whenMatched: { where: "random() < 0.5", delete: true } },
    "QUERY_INVALID",
    /condition of clause 1 of whenMatched calls random/,
  );
  await refused(
    table,
    { on: "t.k = s.k", whenMatched: { where: "s.v", delete: true } },
    "QUERY_INVALID",
    /is of the type VARCHAR/,
  );
  await refused(
    table,
    { on: "t.k = s.k", whenNotMatched: { where: "t.v = 'a'", insert: "all" } },
    "QUERY_INVALID",
    /condition of clause 1 of whenNotMatched cannot be used/,
  );
  await refused(
    table,
    { on: "t.k = s.k", whenMatched: { update: { v: "s.k" } } },
    "QUERY_INVALID",
    /value for v/,
  );
  await refused(table, { ...UPSERT, schema: "k BIGINT" }, "ROW_MISFIT", /v/);
  const { version } = await table.snapshot();
  assert.equal(version, 1);
});

test("an append-only table takes merges that only insert", async () => {
  const table = await tableOf(
    [
      ["k", "long"],
      ["v", "string"],
    ],
    [{ k: 1, v: "a" }],
    { "delta.appendOnly": "true" },
  );
  await refused(table, UPSERT, "TABLE_APPEND_ONLY", /MERGE/);
  const inserted = await table.merge([{ k: 1 }, { k: 2, v: "b" }], {
    on: "t.k = s.k",
    whenNotMatched: { insert: "all" },
  });
  assert.equal(inserted?.metrics["numTargetRowsInserted"], 1);
  assert.deepEqual(await rowsOf(table), [
    { k: 1n, v: "a" },
    { k: 2n, v: "b" },
  ]);
});
