/** Changes of the corpora's tables: those that Spark reads, with their times. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";

import { openTable } from "../../src/delta.ts";
import { canonicalRowsIn } from "../support/canonical-columns.ts";
import { corporaFolder, corporaMissing } from "../support/corpora.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";

/** With the range and the number of changed rows in it. */
const TABLES: readonly (readonly [table: string, from: number, to: number, rows: number])[] = [
  ["delta-rs/cdf-table", 0, 3, 23],
  ["delta-rs/checkpoint-cdf-table", 3, 3, 1],
  ["kernel-rs-data-x/cdf-column-mapping-name-mode", 1, 4, 4],
  ["kernel-rs-data-x/cdf-table-backtick-column-names", 0, 1, 5],
  ["kernel-rs-data-x/cdf-table-data-change", 0, 1, 10],
  ["kernel-rs-data-x/cdf-table-delete-conditional-all-rows", 0, 1, 20],
  ["kernel-rs-data-x/cdf-table-delete-conditional-two-rows", 0, 1, 12],
  ["kernel-rs-data-x/cdf-table-delete-unconditional", 0, 1, 20],
  ["kernel-rs-data-x/cdf-table-partitioned", 0, 2, 12],
  ["kernel-rs-data-x/cdf-table-simple", 0, 2, 25],
  ["kernel-rs-data-x/cdf-table-update-ops", 0, 2, 20],
];

describe("changes as Spark reads them", { skip: judgeMissing("spark") || corporaMissing() }, () => {
  for (const [name, from, to, count] of TABLES) {
    test(`${name}: the ${count} changes of versions ${from} to ${to}`, async () => {
      const folder = join(corporaFolder(), "delta/more", name);
      const sql = `SELECT * FROM table_changes_by_path('${folder}', ${from}, ${to})`;
      const { rows } = await startJudge("spark").request({ op: "sql", sql });
      await using table = openTable(folder, { threads: 1 });
      assert.deepEqual(await canonicalRowsIn(table.changes({ from, to })), rows);
      assert.equal(rows.length, count);
    });
  }
});
