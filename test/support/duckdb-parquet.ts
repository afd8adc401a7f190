/** The Parquet port over DuckDB in this process: for tests of the log. */
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import type { ColumnStatistics } from "../../src/delta/statistics.ts";
import { quotedPath } from "../../src/engine/write-parquet.ts";
import type { ParquetPort } from "../../src/delta/parquet-port.ts";
import type { DataType, StructType } from "../../src/schema/data-type.ts";

/** Every call has a connection of its own. */
export function duckdbParquet(): ParquetPort {
  return {
    async toJsonLines({ parquetPath, jsonPath, columns }) {
      await run(async (query) => {
        const file = text(parquetPath);
        const present = await query(
          `DESCRIBE SELECT * FROM read_parquet(${file}, hive_partitioning = false)`,
        );
        const names = present.map((row) => String(row[0]));
        const chosen = columns === undefined ? names : names.filter((name) => columns.includes(name));
        const list = chosen.length === 0 ? "NULL AS nothing" : chosen.map(quoted).join(", ");
        const filled = chosen.map((name) => `${quoted(name)} IS NOT NULL`).join(" OR ") || "false";
        const where = columns === undefined ? "" : `WHERE ${filled}`;
        await query(
          `COPY (SELECT ${list} FROM read_parquet(${file}, hive_partitioning = false) ${where}) TO ${text(jsonPath)} (FORMAT json)`,
        );
      });
    },
    async fromJsonLines({ jsonPath, parquetPath, columns }) {
      await run(async (query) => {
        const types = columns.fields.map((field) => `${quoted(field.name)}: ${text(duckType(field.type))}`);
        await query(
          `COPY (SELECT * FROM read_json(${text(jsonPath)}, format = 'newline_delimited', maximum_object_size = 536870912, columns = {${types.join(", ")}})) TO ${text(parquetPath)} (FORMAT parquet, COMPRESSION snappy)`,
        );
      });
    },
  };
}

type Query = (sql: string) => Promise<unknown[][]>;

let instance: Promise<DuckDBInstance> | undefined;

async function run(work: (query: Query, connection: DuckDBConnection) => Promise<void>): Promise<void> {
  // One for the process: to open one costs ten times what a test asks of it.
  instance ??= DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await (await instance).connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await work(async (sql) => (await connection.runAndReadAll(sql)).getRows(), connection);
  } finally {
    connection.closeSync();
  }
}

function duckType(type: DataType): string {
  if (typeof type !== "string") {
    if (type.type === "array") return `${duckType(type.elementType)}[]`;
    if (type.type === "map") return `MAP(${duckType(type.keyType)}, ${duckType(type.valueType)})`;
    return `STRUCT(${fieldList(type)})`;
  }
  const names: Record<string, string> = {
    string: "VARCHAR",
    long: "BIGINT",
    integer: "INTEGER",
    boolean: "BOOLEAN",
    double: "DOUBLE",
    timestamp: "TIMESTAMPTZ",
    timestamp_ntz: "TIMESTAMP",
  };
  const name = names[type] ?? (type.startsWith("decimal") ? type : undefined);
  if (name === undefined) throw new Error(`no column of a checkpoint is of type ${type}`);
  return name;
}

function fieldList(type: StructType): string {
  return type.fields.map((field) => `${quoted(field.name)} ${duckType(field.type)}`).join(", ");
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Writes a query's rows to a Parquet file and gives what DuckDB tells of it. */
export async function copyStatistics(
  parquetPath: string,
  select: string,
): Promise<{ readonly numRecords: number; readonly columns: readonly ColumnStatistics[] }> {
  let numRecords = 0;
  let columns: ColumnStatistics[] = [];
  await run(async (_query, connection) => {
    const reader = await connection.runAndReadAll(
      `COPY (${select}) TO ${text(parquetPath)} (FORMAT parquet, RETURN_STATS)`,
    );
    const row = reader.getRowObjectsJson()[0]!;
    numRecords = Number(row["count"]);
    const entries = row["column_statistics"] as { key: string; value: { key: string; value: string }[] }[];
    columns = entries.map(({ key, value }) => {
      const told = new Map(value.map((entry) => [entry.key, entry.value]));
      const [min, max] = [told.get("min"), told.get("max")];
      return {
        path: quotedPath(key),
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        nullCount: Number(told.get("null_count")),
        hasNan: told.get("has_nan") === "true",
      };
    });
  });
  return { numRecords, columns };
}

/** The number of rows in Parquet files. */
export async function countParquetRows(paths: readonly string[]): Promise<number> {
  let count = 0;
  await run(async (query) => {
    const rows = await query(
      `SELECT count(*) FROM read_parquet([${paths.map(text).join(", ")}], hive_partitioning = false)`,
    );
    count = Number(rows[0]![0]);
  });
  return count;
}
