/**
 * One process that opens TABLE by `landfall/delta` and plans a scan with the condition WHERE, or counts its rows where there is none, and
 * prints `{"rows":N}`: files of the plan, or rows of the table.
 */
import { publishedDelta } from "./published-delta.ts";

const [location, where] = process.argv.slice(2) as [string, string | undefined];
const { openTable } = await publishedDelta();
await using table = openTable(location, { memory: "600m", threads: 2 });
const snapshot = await table.snapshot();
const rows = where === undefined ? await snapshot.count() : (await snapshot.files({ where })).files.length;
console.log(JSON.stringify({ rows }));
