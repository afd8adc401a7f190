/** Operations of the matrix that write, change and delete rows. */
import assert from "node:assert/strict";
import type { CanonicalRow } from "../../support/canonical-rows.ts";
import { insertInto, sql, valuesOf, type MatrixOperation, type Rows } from "./matrix-operation.ts";
import { writerFeaturesOf } from "../../../src/delta/features.ts";
import { featureOfProperty } from "../../../src/delta/table-features.ts";
import { createTable } from "../../../src/write/create-table.ts";
import { COLUMNS, ROWS, rowToWrite } from "./matrix-tables.ts";

export const ADDED: Rows = [
  { id: "101", n: "7", part: "a" },
  { id: "102", n: null, part: "a" },
];
const OF_BOTH: Rows = [...ADDED, { id: "103", n: "1", part: "b c" }];
/** A row that changes, one that goes, and one that comes. */
const MERGED: Rows = [
  { id: "3", n: "70", part: "b c" },
  { id: "4", n: null, part: "b c" },
  { id: "104", n: "2", part: "a" },
];

const isThird = ({ id }: CanonicalRow): boolean => Number(id) % 3 === 0;
const raised = (row: CanonicalRow): CanonicalRow =>
  row["n"] === null ? row : { ...row, n: `${Number(row["n"]) + 1}` };

const FIELDS = [
  { name: "id", type: "long" },
  { name: "n", type: "integer" },
  { name: "part", type: "string" },
];

export const ROW_OPERATIONS: readonly MatrixOperation[] = [
  {
    name: "create",
    isNew: true,
    by: {
      Landfall: async (table, { place, properties }) => {
        await (await createTable(place, { schema: COLUMNS, partitionBy: ["part"], properties })).close();
        await table.append(ROWS.map(rowToWrite));
      },
      Spark: (at, { properties }) => [
        sql([
          `CREATE TABLE ${at} (${COLUMNS}) USING delta PARTITIONED BY (part) ${propertiesOf(properties)}`,
          insertInto(at, ROWS),
        ]),
      ],
      "delta-rs": ({ properties }) => [
        {
          op: "create",
          schema: {
            type: "struct",
            fields: FIELDS.map((field) => ({ ...field, nullable: true, metadata: {} })),
          },
          partitionBy: ["part"],
          properties,
        },
        { op: "append", rows: ROWS },
      ],
    },
    after: () => ROWS,
    // A property without its table feature would be of no effect (PROTOCOL.md, "Table Features").
    check: async ({ table, properties }) => {
      const { protocol } = await table.snapshot();
      const features = writerFeaturesOf(protocol);
      for (const [name, value] of Object.entries(properties))
        assert.ok(features.includes(featureOfProperty(name, value)!), `${name}: ${features.join(", ")}`);
    },
  },
  {
    name: "append",
    by: {
      Landfall: (table) => table.append(ADDED.map(rowToWrite)),
      Spark: (at) => [sql([insertInto(at, ADDED)])],
      "delta-rs": () => [{ op: "append", rows: ADDED }],
    },
    after: (rows) => [...rows, ...ADDED],
  },
  {
    name: "overwrite",
    by: {
      Landfall: (table) => table.overwrite(OF_BOTH.map(rowToWrite)),
      Spark: (at) => [sql([`INSERT OVERWRITE ${at} VALUES ${valuesOf(OF_BOTH)}`])],
      "delta-rs": () => [{ op: "overwrite", rows: OF_BOTH }],
    },
    after: () => OF_BOTH,
  },
  {
    name: "`replaceWhere`",
    by: {
      Landfall: (table) => table.overwrite(ADDED.map(rowToWrite), { replaceWhere: "part = 'a' AND id > 6" }),
      Spark: (at) => [
        sql([`INSERT INTO ${at} REPLACE WHERE part = 'a' AND id > 6 VALUES ${valuesOf(ADDED)}`]),
      ],
      "delta-rs": () => [{ op: "overwrite", rows: ADDED, where: "part = 'a' AND id > 6" }],
    },
    after: (rows) => [...rows.filter(({ part, id }) => part !== "a" || Number(id) <= 6), ...ADDED],
  },
  {
    name: "dynamic partition overwrite",
    by: {
      Landfall: (table) => table.overwrite(ADDED.map(rowToWrite), { partitions: "dynamic" }),
      Spark: (at) => [
        sql([`INSERT OVERWRITE ${at} VALUES ${valuesOf(ADDED)}`], {
          "spark.sql.sources.partitionOverwriteMode": "dynamic",
        }),
      ],
    },
    after: (rows) => [...rows.filter(({ part }) => part !== "a"), ...ADDED],
  },
  {
    name: "delete",
    by: {
      Landfall: (table) => table.delete({ where: "id % 3 = 0" }),
      Spark: (at) => [sql([`DELETE FROM ${at} WHERE id % 3 = 0`])],
      "delta-rs": () => [{ op: "delete", where: "id % 3 = 0" }],
    },
    after: (rows) => rows.filter((row) => !isThird(row)),
  },
  {
    name: "update",
    by: {
      Landfall: (table) => table.update({ set: { n: "n + 1" }, where: "id % 3 = 0" }),
      Spark: (at) => [sql([`UPDATE ${at} SET n = n + 1 WHERE id % 3 = 0`])],
      "delta-rs": () => [{ op: "update", set: { n: "n + 1" }, where: "id % 3 = 0" }],
    },
    after: (rows) => rows.map((row) => (isThird(row) ? raised(row) : row)),
  },
  {
    name: "merge",
    by: {
      Landfall: (table) =>
        table.merge(MERGED.map(rowToWrite), {
          on: "t.id = s.id",
          whenMatched: [{ where: "s.n IS NULL", delete: true }, { update: "all" }],
          whenNotMatched: { insert: "all" },
        }),
      Spark: (at) => [
        sql([
          `MERGE INTO ${at} t USING (SELECT * FROM VALUES ${valuesOf(MERGED)} AS v(id, n, part)) s ON t.id = s.id
           WHEN MATCHED AND s.n IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`,
        ]),
      ],
      "delta-rs": () => [{ op: "merge", rows: MERGED, on: "t.id = s.id", deleteWhere: "s.n IS NULL" }],
    },
    after: (rows) => [
      ...rows.filter(({ id }) => !MERGED.some((one) => one["id"] === id)),
      ...MERGED.filter(({ id }) => id !== "4"),
    ],
  },
];

function propertiesOf(properties: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(properties).map(([name, value]) => `'${name}' = '${value}'`);
  return pairs.length === 0 ? "" : `TBLPROPERTIES (${pairs.join(", ")})`;
}
