import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { linesOf, madeTable, violates } from "../../test/support/made-table.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import { createTable } from "./create-table.ts";
import type { WritableTable } from "./open-table.ts";

function dataFiles(table: WritableTable): string[] {
  return readdirSync(table.location, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".parquet"),
  );
}

test("a row that breaks a constraint is named with it, and nothing is written", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, price INT",
    constraints: { Positive: "price > 0" },
  });
  await table.append([{ id: 1, price: 2 }]);
  const files = dataFiles(table);
  for (const price of [0, null])
    await assert.rejects(
      table.append([
        { id: 2, price: 1 },
        { id: 3, price },
      ]),
      violates(new RegExp(`the CHECK constraint positive \\(price > 0\\) .*"price":${price}`)),
    );
  await assert.rejects(table.overwrite([{ id: 3, price: -1 }]), violates(/positive/));
  await assert.rejects(table.update({ set: { price: "price - 2" } }), violates(/positive/));
  await table.update({ set: { price: "price + 2" } });
  assert.deepEqual([await linesOf(table), files.length], [["1 4"], 1]);
});

test("generated columns are computed where rows leave them out, and held where they say them", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, seen TIMESTAMP, day DATE",
    generated: { day: "CAST(seen AS DATE)" },
    partitionBy: ["day"],
  });
  const at = "2024-02-29T23:00:00Z";
  await table.append([{ id: 1, seen: at }, { id: 2, seen: at, day: "2024-02-29" }, { id: 3 }]);
  await table.append([{ id: 4, seen: at }], { schema: "id BIGINT, seen TIMESTAMP" });
  const day = String(Date.UTC(2024, 1, 29) / 86_400_000);
  const days = async (): Promise<string[]> => (await linesOf(table)).map((line) => line.split(" ").at(-1)!);
  assert.deepEqual(await days(), [day, day, "null", day]);
  await assert.rejects(
    table.append([{ id: 5, seen: at, day: "2024-03-01" }]),
    violates(/the generated column day \(CAST\(seen AS DATE\)\)/),
  );
  // A null that is given is a value.
  await assert.rejects(table.append([{ id: 5, seen: at, day: null }]), violates(/generated column day/));
  await table.update({ set: { seen: "seen + INTERVAL 2 HOUR" }, where: "id < 3" });
  assert.deepEqual(await days(), [`${Number(day) + 1}`, `${Number(day) + 1}`, "null", day]);
  await assert.rejects(table.update({ set: { day: "DATE '2020-01-01'" } }), violates(/generated column day/));
});

test("a column that a row leaves out has its default, and null where the row says null", async (t) => {
  const table = await madeTable(t, {
    schema: "id BIGINT, state STRING NOT NULL, n INT",
    defaults: { STATE: "'new'", n: "1 + 1" },
  });
  await table.append([{ id: 1 }, { id: 2, state: "old", n: null }, { id: 3, n: undefined, state: "x" }]);
  await table.append([{ id: 4 }], { schema: "id BIGINT" });
  await table.append((await table.snapshot()).scan({ columns: ["id"], where: "id = 2" }));
  assert.deepEqual(await linesOf(table), ["1 new 2", "2 new 2", "2 old null", "3 x 2", "4 new 2"]);
  await assert.rejects(table.append([{ id: 5, state: null }]), violates(/NOT NULL of state .*"state":null/));
});

test("a table counts the rows of an identity column on, also of writers at once", async (t) => {
  const identity = (allowsExplicit: boolean): StructType["fields"][number]["metadata"] => ({
    "delta.identity.start": 10,
    "delta.identity.step": 5,
    "delta.identity.allowExplicitInsert": allowsExplicit,
  });
  const field = { type: "long", nullable: true } as const;
  const table = await madeTable(t, {
    schema: {
      type: "struct",
      fields: [
        { ...field, name: "always", metadata: identity(false) },
        { ...field, name: "else", metadata: identity(true) },
        { ...field, name: "id", metadata: {} },
      ],
    },
  });
  await Promise.all([1, 2, 3, 4].map((id) => table.append([{ id }])));
  await table.append([{ id: 5, else: 1 }, { id: 6 }]);
  const found = (await linesOf(table)).map((line) => line.split(" ").map(Number));
  assert.deepEqual(
    found.map(([always]) => always),
    [10, 15, 20, 25, 30, 35],
  );
  assert.deepEqual(
    found.slice(0, 4).map(([, other]) => other),
    [10, 15, 20, 25],
  );
  assert.deepEqual(
    found
      .slice(4)
      .map(([, other]) => other)
      .sort((a, b) => a! - b!),
    [1, 30],
  );
  const { schema } = await table.snapshot();
  assert.deepEqual(
    schema.fields.map(({ metadata }) => metadata["delta.identity.highWaterMark"]),
    [35, 30, undefined],
  );
  await assert.rejects(
    table.append([{ id: 7, always: 1 }]),
    violates(/The column always is counted by the table/),
  );
  await assert.rejects(table.update({ set: { ALWAYS: "1" } }), violates(/The column always is counted/));
});

test("lengths and invariants are held, and a rule that is not known is refused before a row is read", async (t) => {
  const field = (name: string, metadata: StructType["fields"][number]["metadata"]) =>
    ({ name, type: "string", nullable: true, metadata }) as const;
  const table = await madeTable(t, {
    schema: {
      type: "struct",
      fields: [
        field("v", { __CHAR_VARCHAR_TYPE_STRING: "varchar(3)" }),
        field("i", { "delta.invariants": '{"expression":{"expression":"i <> \'no\'"}}' }),
      ],
    },
  });
  await table.append([{ v: "äöü", i: "yes" }]);
  await assert.rejects(table.append([{ v: "abcd", i: "yes" }]), violates(/VARCHAR\(3\) of v/));
  await assert.rejects(table.append([{ v: "a", i: "no" }]), violates(/the invariant of the column i/));
  await assert.rejects(
    createTable(join(temporaryFolder(t), "t"), { schema: "a INT", constraints: { odd: "hash(a) > 0" } }),
    (error) => isLandfallError(error, "EXPRESSION_UNKNOWN") && /odd/.test(error.message),
  );
});
