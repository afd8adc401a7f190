/** Spark reads a table after our restore and vacuum, and says of its own what we say of ours; ours checks what Spark restored and vacuumed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readCommit } from "../../src/delta/log-storage.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { openTable } from "../../src/write/open-table.ts";
import { agingTable } from "../support/aging-table.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test(
  "Spark reads what was restored and vacuumed, and says the same of its own",
  { skip: judgeMissing("spark") },
  async (t) => {
    const spark = startJudge("spark", t);
    const folder = temporaryFolder(t);
    const [ours, theirs] = [join(folder, "ours"), join(folder, "theirs")];
    const { ids } = await agingTable(ours, { plain: true });
    await agingTable(theirs, { plain: true });
    const idsOf = async (table: string): Promise<number[]> => {
      const { rows } = await spark.request({ op: "read", table });
      return rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
    };
    await using table = openTable(ours, { threads: 1, memory: "256m" });
    await table.restore({ version: 1 });
    assert.deepEqual(await idsOf(ours), ids[1]);
    await table.restore({ version: 3 });
    await table.vacuum();
    assert.deepEqual(await idsOf(ours), ids[3]);
    // The versions of this table are ten days old, and Spark goes back no further than a vacuum's week unless it is told to.
    const unbounded = "spark.databricks.delta.vacuum.enforceTimeTravelWithinDeletedFileRetentionDuration";
    t.after(() => spark.request({ op: "execute", sql: `RESET ${unbounded}` }));
    for (const statement of [
      `SET ${unbounded} = false`,
      `RESTORE delta.\`${theirs}\` TO VERSION AS OF 1`,
      `RESTORE delta.\`${theirs}\` TO VERSION AS OF 3`,
      "SET spark.databricks.delta.vacuum.logging.enabled = true",
      `VACUUM delta.\`${theirs}\``,
    ])
      await spark.request({ op: "execute", sql: statement });
    const said = async (place: string): Promise<unknown[]> => {
      const storage = localStorage({ root: place });
      const commits = [4, 5, 6, 7].map((version) => readCommit({ storage, version }));
      return (await Promise.all(commits)).map((commit) => {
        const { operation, operationParameters, operationMetrics } = commit!.commitInfo!;
        return [operation, operationParameters, operationMetrics];
      });
    };
    assert.deepEqual(await said(ours), await said(theirs));
    await using other = openTable(theirs, { threads: 1, memory: "256m" });
    assert.deepEqual((await other.check({ data: true })).findings, []);
  },
);
