/** delta-rs and chdb read every version that a cleaned-up log still holds, before and after compactions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { maintainedTable } from "./maintained-table.ts";

test(
  "a compacted table with a cleaned-up log is read at every version that is kept",
  { skip: judgeMissing("delta-rs", "chdb") },
  async (t) => {
    const { table, versions } = await maintainedTable(temporaryFolder(t));
    const deltaRs = startJudge("delta-rs", t);
    const chdb = startJudge("chdb", t);
    for (const { version, ids } of versions) {
      const read = await deltaRs.request({ op: "read", table, version });
      assert.deepEqual(idsOf(read.rows), ids, `delta-rs, version ${version}`);
      const types = Object.fromEntries(read.schema.map(({ name, type }) => [name, type]));
      const others = await chdb.request({ op: "read", table, version, types });
      assert.deepEqual(idsOf(others.rows), ids, `chdb, version ${version}`);
    }
  },
);

function idsOf(rows: readonly Readonly<Record<string, unknown>>[]): number[] {
  return rows.map((row) => Number(row["id"])).sort((a, b) => a - b);
}
