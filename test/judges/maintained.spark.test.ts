/** Spark reads every version that a cleaned-up log still holds, and its own OPTIMIZE and append go on from there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { maintainedTable } from "./maintained-table.ts";

test(
  "a compacted table with a cleaned-up log is read by Spark at every version that is kept",
  { skip: judgeMissing("spark") },
  async (t) => {
    const { table, versions } = await maintainedTable(temporaryFolder(t));
    const spark = startJudge("spark", t);
    const idsAt = async (version?: number): Promise<number[]> => {
      const { rows } = await spark.request({
        op: "read",
        table,
        ...(version === undefined ? {} : { version }),
      });
      return rows.map((row) => Number(row["id"])).sort((a, b) => a - b);
    };
    for (const { version, ids } of versions)
      assert.deepEqual(await idsAt(version), ids, `version ${version}`);
    await spark.request({ op: "execute", sql: `OPTIMIZE delta.\`${table}\`` });
    assert.deepEqual(await idsAt(), versions.at(-1)!.ids);
  },
);
