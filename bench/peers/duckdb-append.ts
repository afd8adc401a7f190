/**
 * Raw DuckDB with the schema given: FOLDER OUTPUT THREADS. It checks nothing and keeps no log; the output is made durable, since
 * ours is. `odo_m` is a double: the planted values would stop a reader of integers.
 */
import { copyDurably } from "./duckdb-copy.ts";

const COLUMNS = `{id: 'VARCHAR', vin: 'VARCHAR', "at": 'TIMESTAMPTZ', event: 'VARCHAR', odo_m: 'DOUBLE', kph: 'DOUBLE',
  charging: 'BOOLEAN', battery: 'STRUCT(soc DOUBLE, volt DOUBLE, temp DOUBLE)', pos: 'STRUCT(lat DOUBLE, lon DOUBLE)',
  tags: 'VARCHAR[]', fw: 'VARCHAR', rssi: 'BIGINT'}`;

const [folder, output, threads] = process.argv.slice(2) as [string, string, string];
await copyDurably({
  select: `SELECT * FROM read_json('${folder}/*.ndjson', format = 'newline_delimited', records = true, hive_partitioning = false,
    columns = ${COLUMNS})`,
  output,
  threads,
});
