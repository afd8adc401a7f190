/** What a merge of rows that a table has already cannot do without, by raw DuckDB: TABLE SOURCE THREADS. Keys are joined and all other columns compared. */
import { DuckDBInstance } from "@duckdb/node-api";

const [table, source, threads] = process.argv.slice(2) as [string, string, string];
const instance = await DuckDBInstance.create(":memory:", { threads, preserve_insertion_order: "false" });
const connection = await instance.connect();
const columns = (await connection.runAndReadAll(`SELECT * FROM '${source}' LIMIT 0`)).columnNames();
const differs = columns
  .filter((name) => name !== "k")
  .map((name) => `t."${name}" IS DISTINCT FROM s."${name}"`);
const reader = await connection.runAndReadAll(
  `SELECT count(*) AS rows, count(*) FILTER (${differs.join(" OR ")}) AS updated
    FROM read_parquet('${table}/*.parquet', hive_partitioning = false) t JOIN '${source}' s ON t.k = s.k`,
);
const [row] = reader.getRowObjectsJson();
console.log(JSON.stringify({ rows: Number(row!["rows"]), updated: Number(row!["updated"]), inserted: 0 }));
connection.closeSync();
instance.closeSync();
