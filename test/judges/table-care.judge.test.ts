/** delta-rs reads a table after a restore and after a vacuum, at every version that is kept, and its history shows both. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openTable } from "../../src/write/open-table.ts";
import { agingTable } from "../support/aging-table.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("restored and vacuumed tables are read by delta-rs", { skip: judgeMissing("delta-rs") }, async (t) => {
  const deltaRs = startJudge("delta-rs", t);
  const folder = join(temporaryFolder(t), "table");
  const { ids } = await agingTable(folder, { plain: true });
  const read = async (version?: number): Promise<number[]> => {
    const { rows } = await deltaRs.request({
      op: "read",
      table: folder,
      ...(version === undefined ? {} : { version }),
    });
    return rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
  };
  await using table = openTable(folder, { threads: 1, memory: "256m" });
  await table.restore({ version: 1 });
  assert.deepEqual(await read(), ids[1]);
  await table.restore({ version: 3 });
  await table.vacuum();
  await table.checkpoint();
  assert.deepEqual(await read(), ids[3]);
  for (const version of [2, 3]) assert.deepEqual(await read(version), ids[version]);
  const { commits } = await deltaRs.request<{ commits: { operation: string }[] }>({
    op: "history",
    table: folder,
  });
  assert.deepEqual(
    commits.slice(0, 4).map(({ operation }) => operation),
    ["VACUUM END", "VACUUM START", "RESTORE", "RESTORE"],
  );
});
