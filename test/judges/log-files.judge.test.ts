/** delta-rs reads a table from our V2 checkpoint alone, and at the versions behind it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { checkCommitsBelow } from "../support/checked-folder.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { checkpointedTable, idsRead, removeBefore, rowsOf } from "./checkpointed-table.ts";

test("V2 checkpoints of ours are read by delta-rs", { skip: judgeMissing("delta-rs") }, async (t) => {
  const deltaRs = startJudge("delta-rs", t);
  const folder = temporaryFolder(t);
  const place = join(folder, "table");
  const { table, ids } = await checkpointedTable(place);
  t.after(() => table.close());
  assert.equal(checkCommitsBelow(folder), 6);
  const read = (version?: number): Promise<number[]> => idsRead(deltaRs, place, version);
  removeBefore(place, 4);
  assert.deepEqual(await read(), ids);
  assert.deepEqual(await read(4), ids.slice(0, -2));
  await table.append(rowsOf(11, 1));
  assert.deepEqual(await read(), [...ids, 11]);
  const { findings, checked } = await table.check({ data: true });
  assert.deepEqual([findings, checked.checksum], [[], true]);
});
