/** One process that merges a Parquet file into TABLE by `landfall/delta`, by its key `k`, with THREADS, and prints what became of its rows. */
import { publishedDelta } from "./published-delta.ts";

const [location, source, threads] = process.argv.slice(2) as [string, string, string];
const { openTable } = await publishedDelta();
await using table = openTable(location, { memory: "600m", threads: Number(threads) });
const merged = await table.merge(
  { parquet: source },
  { on: "t.k = s.k", whenMatched: { update: "all" }, whenNotMatched: { insert: "all" } },
);
const { numTargetRowsUpdated: updated = 0, numTargetRowsInserted: inserted = 0 } = merged?.metrics ?? {};
console.log(JSON.stringify({ updated, inserted }));
