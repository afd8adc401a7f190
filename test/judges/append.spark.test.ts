/** Spark and delta-rs append to one table in turn, and both read all of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { sortRows } from "../support/canonical-rows.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { createNastyTable, NASTY_ROWS } from "./nasty-table.ts";

const skip = judgeMissing("spark", "delta-rs");

test("rows that Spark and delta-rs appended in turn are read alike by both", { skip }, async (t) => {
  const table = join(temporaryFolder(t), "nasty");
  createNastyTable(table);
  const spark = startJudge("spark", t);
  const deltaRs = startJudge("delta-rs", t);

  await spark.request({ op: "append", table, rows: NASTY_ROWS });
  await deltaRs.request({ op: "append", table, rows: NASTY_ROWS });
  await spark.request({ op: "sql", sql: `DELETE FROM delta.\`${table}\` WHERE id = 3` });

  const left = NASTY_ROWS.filter(({ id }) => id !== "3");
  const expected = sortRows([...left, ...left]);
  assert.deepEqual((await spark.request({ op: "read", table })).rows, expected);
  assert.deepEqual((await deltaRs.request({ op: "read", table })).rows, expected);
  const described = await spark.request<Record<string, unknown>>({ op: "describe", table });
  const byDeltaRs = await deltaRs.request<Record<string, unknown>>({ op: "describe", table });
  assert.deepEqual(described, byDeltaRs);
  assert.deepEqual((await spark.request({ op: "read", table, version: 1 })).rows, sortRows(NASTY_ROWS));
});
