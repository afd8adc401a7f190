/** Raw DuckDB over CSV with the schema given: FOLDER OUTPUT THREADS. It checks nothing; the output is made durable, since ours is. */
import { copyDurably } from "./duckdb-copy.ts";

const COLUMNS = `{station: 'VARCHAR', recorded_at: 'TIMESTAMPTZ', temperature: 'DOUBLE', humidity: 'DOUBLE', pressure: 'DOUBLE',
  wind_speed: 'DOUBLE', wind_direction: 'BIGINT', rain: 'DOUBLE', battery: 'DOUBLE', status: 'VARCHAR', heated: 'BOOLEAN',
  sequence: 'BIGINT'}`;

const [folder, output, threads] = process.argv.slice(2) as [string, string, string];
await copyDurably({
  select: `SELECT * FROM read_csv('${folder}/*.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = ${COLUMNS})`,
  output,
  threads,
});
