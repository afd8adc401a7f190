/** Changes of the corpora's tables, as delta-rs reads them; Spark reads more of them (changes.spark.test.ts). */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { openTable } from "../../src/delta.ts";
import { canonicalRowsIn } from "../support/canonical-columns.ts";
import { sortRows } from "../support/canonical-rows.ts";
import { corporaFolder, corporaMissing } from "../support/corpora.ts";
import { judgeMissing, startJudge, type Judge } from "../support/judge.ts";

/** With the range and the number of changed rows in it. */
const TABLES: readonly (readonly [table: string, from: number, to: number, rows: number])[] = [
  ["cdf-table", 0, 3, 23],
  ["cdf-table", 2, 3, 7],
  ["cdf-table-non-partitioned", 0, 4, 25],
  ["checkpoint-cdf-table", 3, 5, 13],
  ["simple_table_with_cdc", 0, 2, 3],
];

const skip = judgeMissing("delta-rs") || corporaMissing();

describe("changes as delta-rs reads them", { skip }, () => {
  let deltaRs: Judge;
  before(() => {
    deltaRs = startJudge("delta-rs");
  });
  after(() => deltaRs.close());

  for (const [name, from, to, count] of TABLES) {
    test(`${name}: the ${count} changes of versions ${from} to ${to}`, async () => {
      const folder = join(corporaFolder(), "delta/more/delta-rs", name);
      const { rows } = await deltaRs.request({ op: "changes", table: folder, from, to });
      await using table = openTable(folder, { threads: 1 });
      const own = await canonicalRowsIn(table.changes({ from, to }));
      assert.equal(own.length, count);
      assert.deepEqual(sortRows(own.map(({ _commit_timestamp: _time, ...row }) => row)), rows);
    });
  }
});
