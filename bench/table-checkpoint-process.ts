/** One process that writes a checkpoint of TABLE by `landfall/delta`, and prints how many files it holds. */
import { publishedDelta } from "./published-delta.ts";

const [location] = process.argv.slice(2) as [string];
const { openTable } = await publishedDelta();
await using table = openTable(location, { memory: "600m", threads: 2 });
const { numOfAddFiles: adds } = await table.checkpoint();
console.log(JSON.stringify({ adds }));
