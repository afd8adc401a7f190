/**
 * Raw DuckDB with the schema given: FOLDER OUTPUT THREADS. It checks nothing and keeps no log; the output is made durable, since
 * ours is. `odo_m` is a double: the planted values would stop a reader of integers.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const COLUMNS = `{id: 'VARCHAR', vin: 'VARCHAR', "at": 'TIMESTAMPTZ', event: 'VARCHAR', odo_m: 'DOUBLE', kph: 'DOUBLE',
  charging: 'BOOLEAN', battery: 'STRUCT(soc DOUBLE, volt DOUBLE, temp DOUBLE)', pos: 'STRUCT(lat DOUBLE, lon DOUBLE)',
  tags: 'VARCHAR[]', fw: 'VARCHAR', rssi: 'BIGINT'}`;

const [folder, output, threads] = process.argv.slice(2) as [string, string, string];
const instance = await DuckDBInstance.create(":memory:", { threads, preserve_insertion_order: "false" });
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
const reader = await connection.runAndReadAll(
  `COPY (SELECT * FROM read_json('${folder}/*.ndjson', format = 'newline_delimited', records = true, hive_partitioning = false,
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
