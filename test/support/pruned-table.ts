/** A small table with columns of every type that can be pruned by, its rows beside it in DuckDB, and the log by several writers' habits. */
import { randomUUID } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Action, AddFile } from "../../src/delta/actions.ts";
import { serializeCommit } from "../../src/delta/commit-json.ts";
import { createTableActions } from "../../src/delta/create-table.ts";
import { commitKey } from "../../src/delta/log-files.ts";
import { serializePartitionValue } from "../../src/delta/partition-value.ts";
import { statisticsJson } from "../../src/delta/statistics.ts";
import type { Duckdb } from "../../src/engine/duckdb.ts";
import { duckdbType, quoteName, quoteText } from "../../src/engine/sql.ts";
import { writeParquet } from "../../src/engine/write-parquet.ts";
import { nullableField, type StructType } from "../../src/schema/data-type.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import type { Storage } from "../../src/storage/storage.ts";

const f = nullableField;

export const PRUNED_SCHEMA: StructType = {
  type: "struct",
  fields: [
    f("i", "integer"),
    f("l", "long"),
    f("d", "double"),
    f("f", "float"),
    f("dec", "decimal(10,2)"),
    f("big", "decimal(30,4)"),
    f("s", "string"),
    f("day", "date"),
    f("ts", "timestamp"),
    f("ntz", "timestamp_ntz"),
    f("b", "boolean"),
    f("st", { type: "struct", fields: [f("x", "long"), f("y.z", "string")] }),
    f("p", "string"),
    f("q", "timestamp"),
  ],
};
export const PRUNED_PARTITIONS: readonly string[] = ["p", "q"];

/** One row: the SQL of each column's value, in the schema's order. */
export type SqlRow = readonly string[];

export interface PrunedTable {
  readonly storage: Storage;
  /** Of the file with each number, in the order of the given files. */
  readonly adds: readonly AddFile[];
}

/** Writes each file with our own writer, tells its rows to the relation `given` as (file, …columns), and makes a commit a file. */
export async function makePrunedTable(options: {
  readonly folder: string;
  readonly duckdb: Duckdb;
  readonly files: readonly (readonly SqlRow[])[];
  /** What stands in the log in place of our writer's statistics. */
  readonly statistics?: (stats: string) => string | undefined;
}): Promise<PrunedTable> {
  const { folder, duckdb, files, statistics = (stats) => stats } = options;
  const root = join(folder, randomUUID());
  await mkdir(root);
  const storage = localStorage({ root });
  const { fields } = PRUNED_SCHEMA;
  const columns = fields.map(({ name, type }) => `${quoteName(name)} ${duckdbType(type)}`);
  await duckdb.run(
    `CREATE OR REPLACE TEMP TABLE given (file INTEGER, ${columns.join(", ")})`,
    "make the rows' table",
  );
  const rows = files.flatMap((file, number) => file.map((row) => `(${[number, ...row].join(", ")})`));
  await duckdb.run(`INSERT INTO given VALUES ${rows.join(", ")}`, "fill the rows' table");
  const adds: AddFile[] = [];
  for (const number of files.keys()) {
    const written = await writeParquet({
      duckdb,
      select: `SELECT ${fields.map(({ name }) => quoteName(name)).join(", ")} FROM given WHERE file = ${number}`,
      schema: PRUNED_SCHEMA,
      partitionBy: PRUNED_PARTITIONS,
      folder: join(root, String(number)),
      maxPartitions: 10,
    });
    const [file] = written;
    if (written.length !== 1 || file === undefined)
      throw new Error("the rows of a file are of one partition");
    const stats = statistics(
      statisticsJson({
        schema: PRUNED_SCHEMA,
        partitionColumns: PRUNED_PARTITIONS,
        configuration: {},
        numRecords: file.rows,
        columns: file.statistics,
      }),
    );
    adds.push({
      path: file.path.slice(root.length + 1),
      partitionValues: Object.fromEntries(
        Object.entries(file.partition).map(([name, text]) => [
          name,
          serializePartitionValue(fields.find((field) => field.name === name)!.type, text),
        ]),
      ),
      size: (await stat(file.path)).size,
      modificationTime: 1,
      dataChange: true,
      ...(stats === undefined ? {} : { stats }),
    });
  }
  const created = createTableActions({
    id: randomUUID(),
    schema: PRUNED_SCHEMA,
    partitionColumns: PRUNED_PARTITIONS,
    createdTime: 1,
  });
  await putCommit(storage, 0, created);
  for (const [number, add] of adds.entries()) await putCommit(storage, number + 1, [{ add }]);
  return { storage, adds };
}

export async function putCommit(
  storage: Storage,
  version: number,
  actions: readonly Action[],
): Promise<void> {
  await storage.put(commitKey(version), serializeCommit(actions));
}

/** The numbers of the files that hold a row that the condition keeps: the truth. */
export async function filesWith(duckdb: Duckdb, condition: string): Promise<number[]> {
  const rows = await duckdb.rows(
    `SELECT DISTINCT file FROM given AS t WHERE (${condition}) ORDER BY file`,
    "look at the rows",
  );
  return rows.map((row) => Number(row["file"]));
}

/** SQL of a text. */
export const text: (value: string) => string = quoteText;
