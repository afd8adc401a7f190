/** The node API's own chunk stream: FOLDER THREADS values|chunks. With `values` each column's values are made, with `chunks` none. */
import { DuckDBInstance } from "@duckdb/node-api";

const [folder, threads, what] = process.argv.slice(2) as [string, string, string];
const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
const result = await connection.stream(`SELECT * FROM read_parquet('${folder}/*.parquet')`);
let rows = 0;
for (;;) {
  const chunk = await result.fetchChunk();
  if (chunk === null || chunk.rowCount === 0) break;
  rows += chunk.rowCount;
  if (what === "values") chunk.getColumns();
}
console.log(JSON.stringify({ rows }));
