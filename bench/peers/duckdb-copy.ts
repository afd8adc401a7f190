/** What raw DuckDB does for a race: one COPY to Parquet, made durable since ours is, and the rows it wrote printed as JSON. */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

export async function copyDurably(options: {
  readonly select: string;
  /** The Parquet file to write. */
  readonly output: string;
  readonly threads: string;
}): Promise<void> {
  const { select, output, threads } = options;
  const instance = await DuckDBInstance.create(":memory:", { threads, preserve_insertion_order: "false" });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const reader = await connection.runAndReadAll(
    `COPY (${select}) TO '${output}' (FORMAT parquet, COMPRESSION snappy, RETURN_STATS)`,
  );
  for (const path of [output, dirname(output)]) {
    const file = openSync(path, "r");
    fsyncSync(file);
    closeSync(file);
  }
  const rows = reader.getRowObjectsJson().reduce((total, row) => total + Number(row["count"]), 0);
  process.stdout.write(`${JSON.stringify({ rows })}\n`);
  connection.closeSync();
  instance.closeSync();
}
