import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { addOf, changingTable, metadataOf } from "../../test/support/changing-table.ts";
import { plainRows, writeRowsTable } from "../../test/support/rows-table.ts";
import { tableOfEngine } from "../../test/support/table-of-engine.ts";
import { checkedFolder } from "../../test/support/checked-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import type { Action, Metadata } from "../delta/actions.ts";

const folder = checkedFolder({ after });
const engine = testEngine();
const scratchFolder = join(folder, "scratch");
mkdirSync(scratchFolder);
let tables = 0;

type Table = ReturnType<typeof tableOfEngine>;

const PROTOCOL: Action = {
  protocol: {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["deletionVectors", "columnMapping"],
    writerFeatures: ["deletionVectors", "columnMapping", "changeDataFeed", "checkConstraints"],
  },
};

/** One file of the rows of a SELECT. */
async function tableWith(
  metadata: Action,
  select: string,
): Promise<{ readonly table: Table; readonly place: string }> {
  const place = join(folder, `t${tables++}`);
  const changing = changingTable(place);
  await changing.commit([PROTOCOL, metadata, addOf(await changing.file("f.parquet", select))]);
  return { place, table: tableOfEngine({ table: place, engine, scratchFolder }) };
}

async function valuesOf(table: Table): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const batch of (await table.snapshot()).scan())
    for (const row of batch.rows()) rows.push(Object.values(row));
  return rows;
}

function without(configuration: Metadata["configuration"]): Metadata["configuration"] {
  return { "delta.enableChangeDataFeed": "false", ...configuration };
}

const TYPED = metadataOf({
  columns: [
    ["b", "byte"],
    ["l", "long"],
    ["d", "decimal(10,2)"],
    ["f", "double"],
    ["s", "string"],
    ["day", "date"],
    ["moment", "timestamp"],
    ["list", { type: "array", elementType: "long", containsNull: true }],
  ],
  configuration: without({}),
});
const TYPED_ROW = `SELECT CAST(1 AS TINYINT) AS b, CAST(9007199254740993 AS BIGINT) AS l, CAST(1.25 AS DECIMAL(10, 2)) AS d,
  CAST(0.5 AS DOUBLE) AS f, 'x' AS s, DATE '2026-01-02' AS day, TIMESTAMPTZ '2026-01-02 03:04:05.000006+00' AS moment, CAST([1] AS BIGINT[]) AS list`;

test("values are of their columns' types, to the last digit", async () => {
  const { table } = await tableWith(TYPED, TYPED_ROW);
  const set = {
    b: "2 * 60",
    l: "l + 2",
    d: "d * 1.1",
    f: "l",
    s: "upper(s) || '''s'",
    day: "day + 1",
    moment: "day",
    list: "[l, NULL]",
  };
  assert.equal((await table.update({ set }))!.metrics["numUpdatedRows"], 1);
  const [[b, l, d, f, s, day, at, list]] = (await valuesOf(table)) as [unknown[]];
  assert.deepEqual([b, l, d, f, s], [120, 9007199254740995n, "1.38", 9007199254740992, "X's"]);
  assert.deepEqual([day, at, list], [20456, 20455n * 86_400_000_000n, [9007199254740993n, null]]);
});

test("what is no value of its column is refused by name, and nothing is left", async () => {
  const { table, place } = await tableWith(TYPED, TYPED_ROW);
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ l: "'7'" }, /value for l is of the type VARCHAR/],
    [{ s: "l" }, /value for s is of the type BIGINT/],
    [{ day: "moment" }, /value for day is of the type TIMESTAMP WITH TIME ZONE/],
    [{ b: "l" }, /INT8|out of range/i],
    [{ l: "f" }, /a number with a fraction does not fit BIGINT/],
    [{ list: "['a']" }, /value for list is of the type VARCHAR\[\]/],
    [{ l: "sum(l)" }, /value for l cannot be used/],
    [{ l: "unnest(list)" }, /value for l cannot be used/],
    [{ l: "(SELECT 1)" }, /value for l holds a subquery/],
    [{ l: "1) + (1" }, /value for l is no SQL expression/],
    [{ l: "missing" }, /value for l cannot be used/],
    [{ ll: "1" }, /no column ll/],
    [{ l: "1", L: "2" }, /column l is set twice/],
  ];
  const before = readdirSync(place);
  for (const [set, message] of cases)
    await assert.rejects(table.update({ set }), (error: LandfallError) => {
      assert.ok(isLandfallError(error, "QUERY_INVALID"), String(error));
      assert.match(error.message, message);
      return true;
    });
  assert.deepEqual(readdirSync(place), before);
  assert.equal(readdirSync(join(place, "_delta_log")).length, 1);
});

test("a column that must not be null keeps its values", async () => {
  const metadata = metadataOf({ columns: [["id", "long"]], configuration: without({}) });
  const { schemaString } = (metadata as { metaData: Metadata }).metaData;
  const required = {
    metaData: {
      ...(metadata as { metaData: Metadata }).metaData,
      schemaString: schemaString.replace('"nullable":true', '"nullable":false'),
    },
  };
  const { table } = await tableWith(required, "SELECT CAST(i AS BIGINT) AS id FROM range(3) r(i)");
  await assert.rejects(
    table.update({ set: { id: "nullif(id, 2)" } }),
    (error) =>
      isLandfallError(error, "CONSTRAINT_VIOLATED") && /NOT NULL of id of .*"id":null/.test(error.message),
  );
  assert.equal((await table.update({ set: { id: "nullif(id, 2)" }, where: "id < 2" }))!.version, 1);
});

test("a table with mapped columns is written under their physical names", async () => {
  const metadata = metadataOf({
    columns: [
      ["id", "long", "col-1"],
      ["name", "string", "col-2"],
    ],
    configuration: without({ "delta.columnMapping.mode": "name" }),
  });
  const { table } = await tableWith(
    metadata,
    `SELECT CAST(i AS BIGINT) AS "col-1", 'n' || i AS "col-2" FROM range(4) r(i)`,
  );
  await table.update({ set: { name: "'new ' || name" }, where: "id >= 2" });
  assert.deepEqual(
    (await valuesOf(table)).sort((a, b) => Number(a[0]) - Number(b[0])),
    [
      [0n, "n0"],
      [1n, "n1"],
      [2n, "new n2"],
      [3n, "new n3"],
    ],
  );
});

test("a table with a rule that is not known is not updated, and rows still go out of it", async () => {
  const metadata = metadataOf({
    columns: [["id", "long"]],
    configuration: without({ "delta.constraints.odd": "hash(id) < 10" }),
  });
  const { table } = await tableWith(metadata, "SELECT CAST(i AS BIGINT) AS id FROM range(3) r(i)");
  await assert.rejects(table.update({ set: { id: "id + 1" } }), (error) =>
    isLandfallError(error, "EXPRESSION_UNKNOWN"),
  );
  assert.equal((await table.delete({ where: "id = 1" }))!.metrics["numDeletedRows"], 1);
});

test("what the feed states twice must come out the same twice", async () => {
  const place = join(folder, `t${tables++}`);
  const options = { isPartitioned: true, hasVectors: true, hasFeed: true, files: 3 };
  const rows = await writeRowsTable(place, options);
  const table = tableOfEngine({ table: place, engine, scratchFolder });
  const before = readdirSync(place);
  for (const n of ["CAST(random() * 5 AS INTEGER)", "year(current_date)"])
    await assert.rejects(table.update({ set: { n } }), /whose answers differ/);
  assert.deepEqual(readdirSync(place), before);
  assert.deepEqual(await plainRows((await table.snapshot()).scan()), rows);
});
