/** Appends to tables that fill columns themselves: generated, default and identity columns, which the rows leave out. */
import type { StructType } from "../../../src/schema/data-type.ts";
import { insertInto, sql, type ByWriter, type MatrixOperation, type Rows } from "./matrix-operation.ts";
import { COLUMNS, rowToWrite } from "./matrix-tables.ts";
import { ADDED } from "./row-operations.ts";

const APPEND: ByWriter = {
  Landfall: (table) => table.append(ADDED.map(rowToWrite)),
  Spark: (at) => [sql([insertInto(at, ADDED)])],
  "delta-rs": () => [{ op: "append", rows: ADDED, columns: ["id", "n", "part"] }],
};

const COUNTED: StructType = {
  type: "struct",
  fields: [
    { name: "id", type: "long", nullable: true, metadata: {} },
    { name: "n", type: "integer", nullable: true, metadata: {} },
    { name: "part", type: "string", nullable: true, metadata: {} },
    {
      name: "counted",
      type: "long",
      nullable: true,
      metadata: {
        "delta.identity.start": 1,
        "delta.identity.step": 1,
        "delta.identity.allowExplicitInsert": false,
      },
    },
  ],
};

/** Which row has which number is open, and there may be gaps: no two rows have the same. */
function counted(rows: Rows): Rows {
  const numbers = rows.map((row) => row["counted"]);
  const times = (number: unknown): number => numbers.filter((one) => one === number).length;
  return rows.map((row) => ({
    ...row,
    counted: typeof row["counted"] === "string" ? `of ${times(row["counted"])}` : row["counted"],
  }));
}

export const COMPUTED_OPERATIONS: readonly MatrixOperation[] = [
  {
    name: "append, a generated column filled",
    kinds: ["plain", "mapped columns"],
    options: { schema: `${COLUMNS}, twice BIGINT`, generated: { twice: "id * 2" } },
    by: APPEND,
    after: (rows) => [...rows, ...ADDED].map((row) => ({ ...row, twice: `${2 * Number(row["id"])}` })),
  },
  {
    name: "append, a default filled",
    kinds: ["plain", "mapped columns"],
    options: { schema: `${COLUMNS}, state STRING`, defaults: { state: "'new'" } },
    by: APPEND,
    after: (rows) => [...rows, ...ADDED].map((row) => ({ ...row, state: "new" })),
  },
  {
    name: "append, an identity column counted on",
    kinds: ["plain", "mapped columns"],
    options: { schema: COUNTED },
    by: APPEND,
    after: (rows) => [...rows, ...ADDED].map((row) => ({ ...row, counted: "of 1" })),
    compared: counted,
  },
];
