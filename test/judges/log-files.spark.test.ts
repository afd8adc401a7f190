/**
 * Spark reads a table from our V2 checkpoint alone, believes our `.crc` files, and goes on from both as we go on from its own: with each commit it
 * holds the file of the version before against the whole state, which it does not by default.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeCheckpoint } from "../../src/delta/checkpoint.ts";
import { checksumKey } from "../../src/delta/log-files.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { createTable } from "../../src/write/create-table.ts";
import { checkCommitsBelow } from "../support/checked-folder.ts";
import { countingPort } from "../support/counting-port.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";
import { checkpointedTable, idsRead, removeBefore, rowsOf } from "./checkpointed-table.ts";

const engine = testEngine();
const VERIFY = "spark.databricks.delta.incremental.commit.verify";

test("V2 checkpoints and .crc files of ours serve Spark", { skip: judgeMissing("spark") }, async (t) => {
  const spark = startJudge("spark", t);
  const execute = (sql: string): Promise<unknown> => spark.request({ op: "execute", sql });
  await execute(`SET ${VERIFY} = true`);
  t.after(() => execute(`RESET ${VERIFY}`));
  const folder = temporaryFolder(t);
  const place = join(folder, "table");
  const at = `delta.\`${place}\``;
  const { table, ids } = await checkpointedTable(place, { "delta.enableInCommitTimestamps": "true" });
  t.after(() => table.close());
  assert.equal(checkCommitsBelow(folder), 6);
  const read = (version?: number): Promise<number[]> => idsRead(spark, place, version);
  removeBefore(place, 4);
  assert.deepEqual(await read(), ids);
  assert.deepEqual(await read(4), ids.slice(0, -2));

  // Versions 6 and 7; 8 and 9 are ours, and the checkpoint of 8; 10 is Spark's, which makes 11 and the checkpoint of 12 after ours.
  await execute(`INSERT INTO ${at} VALUES (20, 'a')`);
  await execute(`DELETE FROM ${at} WHERE id = 1`);
  await table.append(rowsOf(30, 1));
  await table.delete({ where: "id IN (3, 7)" });
  await execute(`UPDATE ${at} SET id = 50 WHERE id = 5`);
  await table.setProperties({ owner: "me" });
  await execute(`INSERT INTO ${at} VALUES (60, 'a')`);
  const now = [6, 8, 9, 10, 20, 30, 50, 60];
  assert.deepEqual(await read(), now);
  for (let version = 4; version <= 12; version++) {
    assert.ok(existsSync(join(place, checksumKey(version))), `version ${version}`);
    assert.deepEqual((await table.check({ version })).findings, [], `version ${version}`);
  }
  removeBefore(place, 12);
  assert.deepEqual(await read(), now);

  // It does look: what is wrong in a file of ours, it tells.
  await table.append(rowsOf(70, 1));
  const file = join(place, checksumKey(13));
  const right = readFileSync(file, "utf8");
  writeFileSync(file, right.replace(/"numFiles":\d+/, '"numFiles":77'));
  await assert.rejects(execute(`INSERT INTO ${at} VALUES (80, 'a')`), /Number of files - Expected: 77/);
});

for (const policy of ["classic", "v2"])
  test(
    `a checkpoint, ${policy}, that carries the rows of the one before serves Spark`,
    { skip: judgeMissing("spark") },
    async (t) => {
      const spark = startJudge("spark", t);
      const folder = temporaryFolder(t);
      const place = join(folder, "table");
      const scratchFolder = join(folder, "scratch");
      mkdirSync(scratchFolder);
      const table = await createTable(place, {
        schema: "id BIGINT, part STRING",
        partitionBy: ["part"],
        properties: {
          "delta.enableDeletionVectors": "true",
          "delta.checkpointInterval": "1000",
          "delta.checkpointPolicy": policy,
        },
        threads: 1,
        memory: "256m",
      });
      t.after(() => table.close());
      const { port, carriedFiles } = countingPort(engine);
      const storage = localStorage({ root: place });
      const checkpoint = async (version: number, carryFrom: number): Promise<void> => {
        await writeCheckpoint({
          storage,
          parquet: { port, scratchFolder },
          version,
          now: Date.now(),
          carryFrom,
        });
      };
      // Of paths that are written otherwise than they are read nothing is carried.
      const plainRowsOf = (...of: Parameters<typeof rowsOf>): ReturnType<typeof rowsOf> =>
        rowsOf(...of).map(({ id, part }) => ({ id, part: part === "a" ? part : "b" }));
      // Versions 1 to 4, of which the fourth marks rows of the first; then one that marks others, one that takes files away, and one more.
      for (let at = 0; at < 3; at++) await table.append(plainRowsOf(1 + at * 10, 10));
      await table.delete({ where: "id IN (2, 3)" });
      await checkpoint(4, Number.POSITIVE_INFINITY);
      await table.delete({ where: "id = 4" });
      await table.delete({ where: "id > 20 AND part = 'a'" });
      await table.append(plainRowsOf(50, 2));
      await checkpoint(7, 0);
      assert.ok(carriedFiles() > 0);
      removeBefore(place, 7);
      const ids = [1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 25, 27, 29, 50, 51];
      assert.deepEqual(await idsRead(spark, place), ids);
      await spark.request({ op: "execute", sql: `DELETE FROM delta.\`${place}\` WHERE id IN (5, 51)` });
      assert.deepEqual(
        await idsRead(spark, place),
        ids.filter((id) => id !== 5 && id !== 51),
      );
    },
  );
