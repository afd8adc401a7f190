/** Operations of the matrix that change columns, properties and rules, each with rows written after it. */
import type { CanonicalRow } from "../../support/canonical-rows.ts";
import { insertInto, sql, type MatrixOperation, type Rows } from "./matrix-operation.ts";
import { rowToWrite } from "./matrix-tables.ts";
import { ADDED } from "./row-operations.ts";

const WITH_MORE: Rows = [{ id: "101", n: "7", part: "a", more: "x" }];
const RENAMED: Rows = [{ id: "101", m: "7", part: "a" }];
const WITHOUT_N: Rows = [{ id: "101", part: "a" }];
/** Too wide for an INT. */
const WIDE: Rows = [{ id: "101", n: "5000000000", part: "a" }];
const ABOVE: Rows = [{ id: "1001", n: "7", part: "a" }];

function renamed({ n, ...row }: CanonicalRow): CanonicalRow {
  return { ...row, m: n };
}

function withoutN({ n: _n, ...row }: CanonicalRow): CanonicalRow {
  return row;
}

export const SCHEMA_OPERATIONS: readonly MatrixOperation[] = [
  {
    name: "add a column",
    by: {
      Landfall: async (table) => {
        await table.addColumns("more STRING");
        await table.append(WITH_MORE.map(rowToWrite));
      },
      Spark: (at) => [
        sql([
          `ALTER TABLE ${at} ADD COLUMNS (more STRING)`,
          insertInto(at, WITH_MORE, ["id", "n", "part", "more"]),
        ]),
      ],
      "delta-rs": () => [
        { op: "addColumns", columns: { more: "string" } },
        { op: "append", rows: WITH_MORE },
      ],
    },
    after: (rows) => [...rows.map((row) => ({ ...row, more: null })), ...WITH_MORE],
  },
  {
    name: "rename a column",
    kinds: ["mapped columns"],
    by: {
      Landfall: async (table) => {
        await table.renameColumn("n", "m");
        await table.append(
          RENAMED.map(({ id, m, ...row }) => ({ ...rowToWrite({ id, ...row }), m: Number(m) })),
        );
      },
      Spark: (at) => [
        sql([`ALTER TABLE ${at} RENAME COLUMN n TO m`, insertInto(at, RENAMED, ["id", "m", "part"])]),
      ],
    },
    after: (rows) => [...rows.map(renamed), ...RENAMED],
  },
  {
    name: "drop a column",
    kinds: ["mapped columns"],
    by: {
      Landfall: async (table) => {
        await table.dropColumns(["n"]);
        await table.append(WITHOUT_N.map(rowToWrite));
      },
      Spark: (at) => [sql([`ALTER TABLE ${at} DROP COLUMN n`, insertInto(at, WITHOUT_N, ["id", "part"])])],
    },
    after: (rows) => [...rows.map(withoutN), ...WITHOUT_N],
  },
  {
    name: "widen a type",
    by: {
      Landfall: async (table) => {
        await table.setProperties({ "delta.enableTypeWidening": "true" });
        await table.alterColumn("n", { type: "BIGINT" });
        await table.append(WIDE.map(rowToWrite));
      },
      Spark: (at) => [
        sql([
          `ALTER TABLE ${at} SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')`,
          `ALTER TABLE ${at} ALTER COLUMN n TYPE BIGINT`,
          insertInto(at, WIDE),
        ]),
      ],
    },
    after: (rows) => [...rows, ...WIDE],
  },
  {
    name: "set properties",
    kinds: ["plain"],
    by: {
      Landfall: async (table) => {
        await table.setProperties({ "delta.logRetentionDuration": "interval 60 days" });
        await table.append(ADDED.map(rowToWrite));
      },
      Spark: (at) => [
        sql([
          `ALTER TABLE ${at} SET TBLPROPERTIES ('delta.logRetentionDuration' = 'interval 60 days')`,
          insertInto(at, ADDED),
        ]),
      ],
      "delta-rs": () => [
        { op: "setProperties", properties: { "delta.logRetentionDuration": "interval 60 days" } },
        { op: "append", rows: ADDED },
      ],
    },
    after: (rows) => [...rows, ...ADDED],
  },
  {
    name: "add a constraint, which is held",
    kinds: ["plain", "mapped columns"],
    by: {
      Landfall: async (table) => {
        await table.addConstraint("below", "id < 1000");
        await table.append(ADDED.map(rowToWrite));
      },
      Spark: (at) => [
        sql([`ALTER TABLE ${at} ADD CONSTRAINT below CHECK (id < 1000)`, insertInto(at, ADDED)]),
      ],
      "delta-rs": () => [
        { op: "addConstraint", name: "below", where: "id < 1000" },
        { op: "append", rows: ADDED },
      ],
    },
    after: (rows) => [...rows, ...ADDED],
    refused: {
      Landfall: (table) => table.append(ABOVE.map(rowToWrite)),
      Spark: (at) => [sql([insertInto(at, ABOVE)])],
      "delta-rs": () => [{ op: "append", rows: ABOVE }],
    },
  },
];
