/** Parquet files for tests, written by DuckDB from a SELECT. */
import { DuckDBInstance } from "@duckdb/node-api";

let instance: Promise<DuckDBInstance> | undefined;

/** `options` are COPY's, such as `ROW_GROUP_SIZE 2048`. */
export async function writeParquetFile(path: string, select: string, options = ""): Promise<void> {
  instance ??= DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await (await instance).connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet${options ? `, ${options}` : ""})`);
  } finally {
    connection.closeSync();
  }
}
