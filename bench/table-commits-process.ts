/** One process that commits N files to TABLE one by one as the operations of `landfall/delta` do, and prints what each commit took: milliseconds. */
import { createTable } from "../src/write/create-table.ts";
import { commitWrite } from "../src/write/commit-write.ts";
import { NOTHING_READ } from "../src/delta/conflicts/read-set.ts";
import { openToWrite } from "../src/write/open-table.ts";

const [location, commits] = process.argv.slice(2) as [string, string];
await (await createTable(location, { schema: "id BIGINT, at TIMESTAMP, reading DOUBLE" })).close();
const { table, context } = openToWrite(location, { memory: "600m", threads: 2 });
const times: number[] = [];
try {
  for (let i = 0; i < Number(commits); i++) {
    const stats = {
      numRecords: 1000,
      minValues: { id: i * 1000 },
      maxValues: { id: i * 1000 + 999 },
      nullCount: { id: 0 },
    };
    const add = {
      path: `part-${String(i).padStart(6, "0")}.parquet`,
      partitionValues: {},
      size: 50_000,
      modificationTime: 1_760_000_000_000,
      dataChange: true,
      stats: JSON.stringify(stats),
    };
    const before = performance.now();
    await commitWrite(context, {
      plan: () =>
        Promise.resolve({
          actions: [{ add }],
          reads: NOTHING_READ,
          operation: "WRITE",
          operationParameters: { mode: "Append", partitionBy: [] },
          operationMetrics: { numFiles: "1", numOutputRows: "1000", numOutputBytes: "50000" },
          written: [],
        }),
    });
    times.push(performance.now() - before);
  }
} finally {
  await table.close();
}
console.log(JSON.stringify(times));
