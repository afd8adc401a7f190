/** One process that scans the Parquet files of FOLDER into column batches, with THREADS, and prints how many rows they had. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEngine } from "../src/engine/child-engine.ts";
import { parseDdl } from "../src/schema/ddl.ts";
import { SCAN_COLUMNS } from "./scan-columns.ts";

const [folder, threads] = process.argv.slice(2) as [string, string];
const engine = childEngine({
  memoryBytes: 600 * 1024 ** 2,
  threads: Number(threads),
  spillFolder: join(tmpdir(), `landfall-scan-${process.pid}`),
  spillBytes: 1024 ** 3,
});
const files = readdirSync(folder)
  .sort()
  .map((name) => ({ path: join(folder, name), partitionValues: {} }));
const table = { name: "t", schema: parseDdl(SCAN_COLUMNS), partitionColumns: [], files };
let rows = 0;
for await (const batch of engine.scan({ table })) rows += batch.rows;
await engine.close();
console.log(JSON.stringify({ rows }));
