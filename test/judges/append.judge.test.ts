/** Canonical values survive the way into a table and back, so that a difference between rows is a difference of the tables. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { sortRows, withoutNestedNulls } from "../support/canonical-rows.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { createNastyTable, NASTY_ROWS, NASTY_TYPES } from "./nasty-table.ts";

const skip = judgeMissing("delta-rs", "chdb");

test(
  "delta-rs appends values at the edges of every type; delta-rs and chdb read them back",
  { skip },
  async (t) => {
    const table = join(temporaryFolder(t), "nasty");
    createNastyTable(table);
    const deltaRs = startJudge("delta-rs", t);
    const chdb = startJudge("chdb", t);

    await deltaRs.request({ op: "append", table, rows: NASTY_ROWS });

    const own = await deltaRs.request({ op: "read", table });
    assert.deepEqual(own.rows, sortRows(NASTY_ROWS));
    assert.equal(own.version, 1);
    const other = await chdb.request({ op: "read", table, types: NASTY_TYPES });
    assert.deepEqual(
      withoutNestedNulls(other.rows, NASTY_TYPES),
      withoutNestedNulls(NASTY_ROWS, NASTY_TYPES),
    );
    const some = await chdb.request({ op: "read", table, version: 1, columns: ["id", "region"] });
    assert.deepEqual(some.rows, sortRows(NASTY_ROWS.map(({ id, region }) => ({ id, region }))));
    const { commits } = await deltaRs.request<{ commits: readonly { version: number }[] }>({
      op: "history",
      table,
    });
    assert.deepEqual(
      commits.map(({ version }) => version),
      [1, 0],
    );
  },
);

test("an append with a column that the table lacks is refused", { skip }, async (t) => {
  const table = join(temporaryFolder(t), "nasty");
  createNastyTable(table);
  const deltaRs = startJudge("delta-rs", t);

  await assert.rejects(deltaRs.request({ op: "append", table, rows: [{ id: "1", odd: "x" }] }), /odd/);

  assert.deepEqual(await deltaRs.request({ op: "count", table }), { count: 0, version: 0 });
});
