/** Raw DuckDB over CSV with the schema given: FOLDER OUTPUT THREADS. It checks nothing; the output is made durable, since ours is. */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const COLUMNS = `{station: 'VARCHAR', recorded_at: 'TIMESTAMPTZ', temperature: 'DOUBLE', humidity: 'DOUBLE', pressure: 'DOUBLE',
  wind_speed: 'DOUBLE', wind_direction: 'BIGINT', rain: 'DOUBLE', battery: 'DOUBLE', status: 'VARCHAR', heated: 'BOOLEAN',
  sequence: 'BIGINT'}`;

const [folder, output, threads] = process.argv.slice(2) as [string, string, string];
const instance = await DuckDBInstance.create(":memory:", { threads, preserve_insertion_order: "false" });
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
const reader = await connection.runAndReadAll(
  `COPY (SELECT * FROM read_csv('${folder}/*.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = ${COLUMNS})) TO '${output}' (FORMAT parquet, COMPRESSION snappy, RETURN_STATS)`,
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
