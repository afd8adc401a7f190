/** One process that makes large files of the small ones of TABLE by `landfall/delta`, and prints how many went. */
import { publishedDelta } from "./published-delta.ts";

const [location] = process.argv.slice(2) as [string];
const { openTable } = await publishedDelta();
await using table = openTable(location, { memory: "600m", threads: 2 });
const { filesRemoved: removed } = await table.optimize();
console.log(JSON.stringify({ removed }));
