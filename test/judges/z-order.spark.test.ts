/** A filtered scan of a table that we put along a Z-curve opens no more of its files than one of the same table after Spark's own OPTIMIZE ZORDER BY. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openTable, type WritableTable } from "../../src/write/open-table.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { tableOfFiles } from "../support/table-of-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Eight row groups of ours: a file has one at the least. */
const ROWS = 8 * 122_880;
/** Values of each of the two columns are spread over as many. */
const SPREAD = 100_003;

test("our Z-order opens no more files than Spark's", { skip: judgeMissing("spark") }, async (t) => {
  const { table, put } = await tableOfFiles(t, "id BIGINT, x INT, y INT");
  await put(
    `SELECT i AS id, (i * 7919 % ${SPREAD})::INT AS x, (i * 104729 % 99991)::INT AS y FROM range(${ROWS}) r(i)`,
  );
  const theirs = join(temporaryFolder(t), "theirs");
  cpSync(table.location, theirs, { recursive: true });
  const done = await table.optimize({ zOrderBy: ["x", "y"], targetFileSize: "100k" });
  const spark = startJudge("spark", t);
  const size = "spark.databricks.delta.optimize.maxFileSize";
  t.after(() => spark.request({ op: "execute", sql: `RESET ${size}` }));
  for (const sql of [
    `SET ${size} = ${Math.ceil(done.bytesRemoved / done.filesAdded)}`,
    `OPTIMIZE delta.\`${theirs}\` ZORDER BY (x, y)`,
  ])
    await spark.request({ op: "execute", sql });
  await using other = openTable(theirs, { threads: 1, memory: "256m" });
  const [ours, sparks] = [await openedShare(table), await openedShare(other)];
  t.diagnostic(`opened: ${ours.text} of ours, ${sparks.text} of Spark's`);
  assert.ok(ours.files > 4 && sparks.files >= ours.files - 1, `${ours.files} and ${sparks.files} files`);
  assert.ok(ours.share <= sparks.share, `${ours.text} of ours, ${sparks.text} of Spark's`);
});

/** Of all files, over conditions on one column and on both. */
async function openedShare(
  table: WritableTable,
): Promise<{ readonly files: number; readonly share: number; readonly text: string }> {
  const snapshot = await table.snapshot();
  const { files } = await snapshot.files();
  let opened = 0;
  let asked = 0;
  for (let at = 0; at < SPREAD; at += SPREAD / 10) {
    const [from, to] = [Math.floor(at), Math.floor(at + SPREAD / 50)];
    const [x, y] = ["x", "y"].map((column) => `${column} BETWEEN ${from} AND ${to}`);
    for (const where of [x!, y!, `${x!} AND ${y!}`]) {
      opened += (await snapshot.files({ where })).files.length;
      asked += files.length;
    }
  }
  return { files: files.length, share: opened / asked, text: `${opened} of ${asked}` };
}
