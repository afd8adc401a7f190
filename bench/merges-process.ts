/** One process that merges the files SOURCE/0.parquet, 1, … into TABLE one by one by the key `k`, and prints what each took: milliseconds. */
import { join } from "node:path";
import { publishedDelta } from "./published-delta.ts";

const [location, source, merges] = process.argv.slice(2) as [string, string, string];
const { openTable } = await publishedDelta();
await using table = openTable(location, { memory: "600m", threads: 2 });
const times: number[] = [];
for (let i = 0; i < Number(merges); i++) {
  const before = performance.now();
  await table.merge(
    { parquet: join(source, `${i}.parquet`) },
    { on: "t.k = s.k", whenMatched: { update: "all" }, whenNotMatched: { insert: "all" } },
  );
  times.push(performance.now() - before);
}
console.log(JSON.stringify({ times, rows: await (await table.snapshot()).count() }));
