/** Raw DuckDB from Parquet to Parquet: FOLDER OUTPUT THREADS. The output is made durable, since ours is. */
import { copyDurably } from "./duckdb-copy.ts";

const [folder, output, threads] = process.argv.slice(2) as [string, string, string];
await copyDurably({
  select: `SELECT * FROM read_parquet('${folder}/*.parquet', hive_partitioning = false)`,
  output,
  threads,
});
