/** One process that scans TABLE by `landfall/delta`, with THREADS, and prints how many rows its batches had. */
import { publishedDelta } from "./published-delta.ts";

const [location, threads] = process.argv.slice(2) as [string, string];
const { openTable } = await publishedDelta();
await using table = openTable(location, { memory: "600m", threads: Number(threads) });
const snapshot = await table.snapshot();
let rows = 0;
for await (const batch of snapshot.scan()) rows += batch.rowCount;
console.log(JSON.stringify({ rows }));
