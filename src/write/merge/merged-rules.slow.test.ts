import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf, madeTable, violates } from "../../../test/support/made-table.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import type { MergeOptions } from "./merge-options.ts";

const UPSERT: MergeOptions = {
  on: "t.id = s.id",
  whenMatched: { update: "all" },
  whenNotMatched: { insert: "all" },
};

test("rows of a merge that break a rule are refused with it, whichever clause made them, and nothing is written", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, price INT, name STRING NOT NULL",
    constraints: { positive: "price > 0" },
  });
  await table.append([{ id: 1, price: 2, name: "a" }]);
  const low = violates(/the CHECK constraint positive \(price > 0\)/);
  await assert.rejects(table.merge([{ id: 1, price: -5, name: "a" }], UPSERT), low);
  await assert.rejects(table.merge([{ id: 2, price: -6, name: "a" }], UPSERT), low);
  const others = { on: "t.id = s.id", whenNotMatchedBySource: { update: { price: "-price" } } };
  await assert.rejects(table.merge([{ id: 2, price: 1, name: "a" }], others), low);
  const unnamed = { on: "t.id = s.id", whenMatched: { update: { name: "CAST(NULL AS VARCHAR)" } } };
  await assert.rejects(
    table.merge([{ id: 1, price: 1, name: "a" }], unnamed),
    violates(/NOT NULL of name .*"name":null/),
  );
  assert.deepEqual([(await table.snapshot()).version, await linesOf(table)], [1, ["1 2 a"]]);
  await table.merge(
    [
      { id: 1, price: 7, name: "b" },
      { id: 2, price: 8, name: "c" },
    ],
    UPSERT,
  );
  assert.deepEqual(await linesOf(table), ["1 7 b", "2 8 c"]);
});

test("what the table computes follows an update, and fills an insert that leaves it out; what is set must be it", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, n INT, twice INT",
    generated: { twice: "n * 2" },
    properties: { "delta.enableChangeDataFeed": "true" },
  });
  await table.append([
    { id: 1, n: 1 },
    { id: 2, n: 2 },
  ]);
  const wrong = [{ id: 1, n: 5, twice: 11 }];
  await assert.rejects(table.merge(wrong, UPSERT), violates(/the generated column twice \(n \* 2\)/));
  const merged = await table.merge(
    [
      { id: 1, n: 5 },
      { id: 3, n: 6 },
    ],
    UPSERT,
  );
  assert.deepEqual(await linesOf(table), ["1 5 10", "2 2 4", "3 6 12"]);
  const changes: unknown[][] = [];
  for await (const batch of table.changes({ from: merged!.version }))
    for (const row of batch.rows()) changes.push([row["_change_type"], row["id"], row["n"], row["twice"]]);
  changes.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));
  assert.deepEqual(changes, [
    ["insert", 3n, 6, 12],
    ["update_postimage", 1n, 5, 10],
    ["update_preimage", 1n, 1, 2],
  ]);
  // One clause sets it, another does not.
  await table.merge(
    [
      { id: 1, n: 7 },
      { id: 2, n: 8 },
      { id: 4, n: 9 },
      { id: 5, n: 10 },
    ],
    {
      on: "t.id = s.id",
      whenMatched: [
        { where: "t.id = 1", update: { n: "s.n", twice: "s.n + s.n" } },
        { update: { n: "s.n" } },
      ],
      whenNotMatched: [
        { where: "s.id = 4", insert: { id: "s.id", n: "s.n", twice: "18" } },
        { insert: { id: "s.id", n: "s.n" } },
      ],
    },
  );
  assert.deepEqual(await linesOf(table), ["1 7 14", "2 8 16", "3 6 12", "4 9 18", "5 10 20"]);
  await assert.rejects(
    table.merge(
      [
        { id: 6, n: 1, twice: 2 },
        { id: 7, n: 1 },
      ],
      UPSERT,
    ),
    (error) => isLandfallError(error, "QUERY_INVALID") && /1 leave it out/.test(error.message),
  );
});

test("an insert that leaves a column out has its default, and an update leaves it as it was", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, state STRING NOT NULL, n INT",
    defaults: { state: "'new'", n: "1 + 1" },
  });
  await table.append([{ id: 1, state: "old", n: 9 }]);
  await table.merge([{ id: 1 }, { id: 2 }], UPSERT);
  assert.deepEqual(await linesOf(table), ["1 old 9", "2 new 2"]);
  await table.merge([{ id: 3 }, { id: 4 }], {
    on: "t.id = s.id",
    whenNotMatched: [
      { where: "s.id = 3", insert: { id: "s.id", n: "NULL" } },
      { insert: { id: "s.id", state: "'told'" } },
    ],
  });
  assert.deepEqual(await linesOf(table), ["1 old 9", "2 new 2", "3 new null", "4 told 2"]);
});

test("a table counts the rows that a merge inserts, beside those of appends", async (t) => {
  const identity = {
    "delta.identity.start": 10,
    "delta.identity.step": 5,
    "delta.identity.allowExplicitInsert": true,
  };
  const field = { type: "long", nullable: true } as const;
  const table = await madeTable(t, {
    schema: {
      type: "struct",
      fields: [
        { ...field, name: "id", metadata: {} },
        { ...field, name: "counted", metadata: identity },
      ],
    },
  });
  await table.append([{ id: 1 }]);
  await table.merge([{ id: 1 }, { id: 2 }, { id: 3 }], UPSERT);
  const counted = (await linesOf(table)).map((line) => line.split(" ")[1]!);
  assert.deepEqual(new Set(counted), new Set(["10", "15", "20"]));
  await table.append([{ id: 4 }]);
  assert.ok((await linesOf(table)).includes("4 25"));
  await assert.rejects(
    table.merge([{ id: 1 }], { ...UPSERT, whenMatched: { update: { counted: "1" } } }),
    violates(/The column counted is counted by the table/),
  );
  const mixed = {
    whenNotMatched: [{ where: "s.id = 5", insert: { counted: "1" } }, { insert: "all" }],
  } as const;
  await assert.rejects(
    table.merge([{ id: 5 }], { on: "t.id = s.id", ...mixed }),
    (error) =>
      isLandfallError(error, "QUERY_INVALID") && /only some of the merge's inserts/.test(error.message),
  );
});
