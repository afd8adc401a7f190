import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { plainRows, writeRowsTable } from "../../test/support/rows-table.ts";
import { checkedFolder } from "../../test/support/checked-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { RowsTableOptions } from "../../test/support/rows-table.ts";
import { openTable } from "./open-table.ts";

const folder = checkedFolder({ after });
let tables = 0;

async function tableOf(options: RowsTableOptions): Promise<string> {
  const place = join(folder, `t${tables++}`);
  await writeRowsTable(place, options);
  return place;
}

test("a file keeps its place with a vector while half of its rows stay, and is written anew beyond", async () => {
  const place = await tableOf({ isPartitioned: false, hasVectors: true, hasFeed: false, files: 2 });
  await using table = openTable(place);
  const first = await table.delete({ where: "id < 20" });
  assert.deepEqual(
    [
      first!.metrics["numDeletionVectorsAdded"],
      first!.metrics["numRemovedFiles"],
      first!.metrics["numAddedFiles"],
    ],
    [1, 0, 0],
  );
  const [before] = (await (await table.snapshot()).files({ where: "id < 40" })).files;
  assert.equal(before!.path, "f0.parquet");
  const second = await table.delete({ where: "id IN (20, 50)" });
  const {
    numDeletionVectorsAdded,
    numDeletionVectorsRemoved,
    numRemovedFiles,
    numAddedFiles,
    numCopiedRows,
  } = second!.metrics;
  assert.deepEqual(
    { numDeletionVectorsAdded, numDeletionVectorsRemoved, numRemovedFiles, numAddedFiles, numCopiedRows },
    {
      numDeletionVectorsAdded: 1,
      numDeletionVectorsRemoved: 1,
      numRemovedFiles: 1,
      numAddedFiles: 1,
      numCopiedRows: 19,
    },
  );
  assert.equal(await (await table.snapshot()).count(), 58);
});

test("whole partitions go without a file that is opened", async () => {
  const place = await tableOf({ isPartitioned: true, hasVectors: true, hasFeed: true, files: 6 });
  await using table = openTable(place);
  const before = readdirSync(place);
  const { metrics } = (await table.delete({ where: "part = 'a'" }))!;
  assert.deepEqual([metrics["numRemovedFiles"], metrics["numDeletedRows"]], [2, 80]);
  assert.deepEqual(readdirSync(place), before);
  const all = (await table.delete())!;
  assert.deepEqual([all.metrics["numRemovedFiles"], all.metrics["numDeletedRows"]], [4, 160]);
  assert.deepEqual([await table.delete(), await plainRows((await table.snapshot()).scan())], [undefined, []]);
});

test("an append-only table keeps its rows, and a condition that may not be changes nothing", async () => {
  const configuration = { "delta.appendOnly": "true" };
  const place = await tableOf({
    isPartitioned: false,
    hasVectors: true,
    hasFeed: false,
    files: 1,
    configuration,
  });
  await using table = openTable(place);
  await assert.rejects(table.delete({ where: "id = 1" }), (error) =>
    isLandfallError(error, "TABLE_APPEND_ONLY"),
  );
  const other = await tableOf({
    isPartitioned: false,
    hasVectors: true,
    hasFeed: false,
    files: 1,
  });
  await using plainTable = openTable(other);
  for (const where of ["missing = 1", "id = (SELECT 1)", "id = 1) OR (true", "n / 'x' > 1"])
    await assert.rejects(
      plainTable.delete({ where }),
      (error) => isLandfallError(error, "QUERY_INVALID"),
      where,
    );
  assert.deepEqual(readdirSync(join(other, "_delta_log")), ["00000000000000000000.json"]);
});
